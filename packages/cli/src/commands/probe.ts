/** `homeward probe …`: its options and help. What they do is `probe/`. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { ProbeOptions } from '../probe/run-probe.ts';
import { addOperatorOptions, type CommandContext } from './command-context.ts';

/** Exchange's limits and defaults (Test-ImapConnectivity, Test-PopConnectivity). */
const PER_CONNECTION_SECONDS = { most: 120, usual: 120 };
const WHOLE_SECONDS = { most: 3_600, usual: 180 };

/** Adds the commands. */
export function addProbeCommands(program: Command, context: CommandContext): void {
  const probe = program
    .command('probe')
    .description('log in as a mail program does, with a latency for each hop');
  const imap = probe
    .command('imap')
    .description('log in, bring a test message, read it back and delete it [Test-ImapConnectivity]')
    .option('--leave-message', 'leave the test message, for a POP3 probe to find');
  const pop3 = probe
    .command('pop3')
    .description('log in, find a test message and delete it [Test-PopConnectivity]');
  const submission = probe
    .command('submission')
    .description('log in, and say sender and recipient, both the account itself')
    .option('--leave-message', 'send itself the test message, for an IMAP or POP3 probe to find');
  for (const [command, protocol] of [
    [imap, 'imap'],
    [pop3, 'pop3'],
    [submission, 'submission'],
  ] as const) {
    addProbeOptions(command).action(async (login: string, options) => {
      const { runProbe } = await import('../probe/run-probe.ts');
      await runProbe(context, protocol, login, options as ProbeOptions);
    });
  }
}

function addProbeOptions(command: Command): Command {
  command
    .argument('<login>', 'of an account that is there for tests')
    .option('-s, --server <host>', 'name or address (default: the deployment’s hostname)')
    .option('--port <number>', 'default: 143, 110 or 587, and 993, 995 or 465 for ssl', port)
    .addOption(
      new Option('--connection-type <type>', 'plaintext, ssl (TLS first) or tls (STARTTLS, STLS)')
        .choices(['plaintext', 'ssl', 'tls'])
        .default('tls'),
    )
    .option('--server-name <name>', 'that the certificate must carry (default: the hostname)')
    .option('--ca <file>', 'PEM of the authorities to trust, and no others')
    .option('--trust-any', 'believe any certificate [TrustAnySSLCertificate]')
    .option('--light-mode', 'log in, and no more [LightMode]')
    .option(
      '--per-connection-timeout <seconds>',
      'for the connection, 1 to 120',
      seconds(PER_CONNECTION_SECONDS.most),
      PER_CONNECTION_SECONDS.usual,
    )
    .option(
      '--timeout <seconds>',
      'for all of it, 1 to 3600',
      seconds(WHOLE_SECONDS.most),
      WHOLE_SECONDS.usual,
    )
    .option('--password-stdin', 'read the password from standard input')
    .option('--password-file <file>', 'read it from a file; also HOMEWARD_PROBE_PASSWORD')
    .addHelpText(
      'after',
      `
Latencies are what this command waited for, from where it runs: name look-up, connect, TLS,
greeting, login, and what follows. How long a front end took for the parts of a login is in its
log (login.accepted: lookUpMs, secretMs, connectMs, innerLoginMs) and in its metrics. Only
messages that carry the probe’s own header are ever deleted.`,
    );
  return addOperatorOptions(command);
}

function port(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= 65_535) return value;
  throw new InvalidArgumentError('Give 1 to 65535.');
}

function seconds(most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= 1 && value <= most) return value;
    throw new InvalidArgumentError(`Give 1 to ${most}.`);
  };
}
