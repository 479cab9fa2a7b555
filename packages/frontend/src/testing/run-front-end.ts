/** Runs a front end as a process of its own: `run-front-end.ts CONFIGURATION`; prints its doors. */
import type { FrontEndConfig } from '../config.ts';
import { runFrontend } from '../main.ts';

const config = JSON.parse(process.argv[2] ?? '') as FrontEndConfig;
process.exit(
  await runFrontend(config, {
    onReady: (addresses) => process.stdout.write(`ready ${JSON.stringify(addresses)}\n`),
  }),
);
