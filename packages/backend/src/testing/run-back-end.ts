/** Runs a back end as a process of its own: `run-back-end.ts CONFIGURATION-FILE`. */
import { runBackEnd } from '../main.ts';

process.exit(
  await runBackEnd({
    configFile: process.argv[2] ?? '',
    complain: (line) => void process.stderr.write(`${line}\n`),
    onReady: () => void process.stdout.write('ready\n'),
  }),
);
