/** `homeward demo`: its options and help. What it does is `demo/`. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { CommandContext } from './command-context.ts';

/** Adds the command. */
export function addDemoCommand(program: Command, context: CommandContext): void {
  program
    .command('demo')
    .description('a front end and two sites on this host, with people and their mail')
    .option('--accounts <count>', 'people; they live at the sites in turn (default: 4)', readCount)
    .option('--sites <names>', 'separated by commas', 'dublin,oslo')
    .option('--env-file <file>', 'write hosts, ports, names and passwords there (dotenv, mode 600)')
    .option('--port-base <port>', 'well-known ports plus this one (default: free ports)', readPort)
    .option('--redis <url>', 'keep the directory in this Redis (default: in a file)')
    .option('--data <dir>', 'keep everything there, for the next time (default: nothing is kept)')
    .option('--workers <count>', 'processes of the front end and of each site', readWorkers, 1)
    .option('--direct-login', 'people may log in at the sites as well, without the front end')
    .option('--empty', 'no sample mail')
    .addOption(
      new Option('--log-level <level>', 'what the services tell')
        .choices(['debug', 'info', 'warn', 'error'])
        .default('warn'),
    )
    .addHelpText('after', EXPLANATION)
    .action(async (options) => {
      const { runDemo } = await import('../demo/run-demo.ts');
      await runDemo(context, options);
    });
}

const EXPLANATION = `
Everything listens on 127.0.0.1 alone. It is ready when it prints a line that is "ready", after
the env file is written; Ctrl-C ends it and leaves nothing behind.

With --port-base 10000 the ports are 10143, 10993 (IMAP), 10110, 10995 (POP3), 10587, 10465
(submission), 10960 (health), and for worker k over all sites, from 0: 11993 + 10k (IMAPS),
11995 + 10k (POP3S), 11997 + 10k (control), 11998 + 10k (submission under TLS), 11999 + 10k (LMTP), and with --direct-login
11994 + 10k (IMAP), 11996 + 10k (POP3) and 12000 + 10k (submission) without TLS.

The env file has HOST SERVER_NAME CA_FILE IMAP_PORT IMAPS_PORT POP3_PORT POP3S_PORT
SUBMISSION_PORT SUBMISSIONS_PORT OPS_URL, USER1 PASS1 and so on, and _USER and _PASS of SHARED,
ADMINISTRATOR, GUEST and ANONYMOUS.
BACKEND_DUBLIN_IMAPS_PORT and _POP3S_PORT are those of the site's first worker, and with
--direct-login _IMAP_PORT and _POP3_PORT are its ports without TLS. With several workers a site
takes an account only at the worker that owns it: BACKEND_DUBLIN_WORKER1_IMAPS_PORT (and so on)
is the second one's, USER3_BACKEND_IMAPS_PORT (and so on) that of the worker that owns USER3,
USER3_SITE its site. Accounts are dealt out evenly: USER1 always lives at the first site's first
worker, USER2 at the second site's. Beyond 16 accounts passwords repeat.`;

function readCount(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('Give a number from 1 on.');
  return Number(text);
}

function readWorkers(text: string): number {
  const count = readCount(text);
  if (count > 64) throw new InvalidArgumentError('Give a number from 1 to 64.');
  return count;
}

function readPort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port >= 0 && port <= 60_000)) throw new InvalidArgumentError('Give 0 to 60000.');
  return port;
}
