/** `homeward ldap …`: its options and help. What they do is `ldap/`. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseSyncInterval } from '../ldap/sync-interval.ts';
import { addOperatorOptions, type CommandContext } from './command-context.ts';

/** Adds the commands. */
export function addLdapCommands(program: Command, context: CommandContext): void {
  const ldap = program
    .command('ldap')
    .description('accounts and passwords that come from an LDAP directory');
  const test = ldap
    .command('test')
    .description('look somebody up as a login would, and say what would come of it')
    .argument('<login>', 'what a mail program would send as login name')
    .option('--password-stdin', 'read his password from standard input, and try it')
    .addOption(
      new Option('--password-file <file>', 'read it from a file').conflicts('passwordStdin'),
    )
    .addOption(
      new Option('--without-password', 'do not ask for it').conflicts([
        'passwordStdin',
        'passwordFile',
      ]),
    )
    .addHelpText('after', TEST_EXPLANATION);
  addOperatorOptions(test).action(async (login: string, options) => {
    const { testLogin } = await import('../ldap/test-login.ts');
    await testLogin(context, login, options);
  });
  const sync = ldap
    .command('sync')
    .description('have all accounts that came from LDAP follow their entries; for a regular job')
    .option('--add', 'also make accounts of entries that have none, so that they get mail')
    .addOption(
      new Option('--every <time>', 'stay, and do so at once and then at this interval: 15m, 1h')
        .argParser(readInterval)
        .conflicts(['dryRun', 'force']),
    )
    .option('--dry-run', 'only say what would change')
    .option('--force', 'even if many entries are gone')
    .addHelpText('after', SYNC_EXPLANATION);
  addOperatorOptions(sync).action(async ({ every, ...options }) => {
    if (every !== undefined) {
      const { runSyncService } = await import('../ldap/sync-service.ts');
      await runSyncService(context, { ...options, everyMs: every });
      return;
    }
    const { syncAccounts } = await import('../ldap/sync-accounts.ts');
    await syncAccounts(context, options);
  });
}

function readInterval(text: string): number {
  const intervalMs = parseSyncInterval(text);
  if (intervalMs !== undefined) return intervalMs;
  throw new InvalidArgumentError('Give a time from 1m to 24h, such as 90s, 15m or 1h.');
}

const TEST_EXPLANATION = `
Nothing is changed: no account is made. Exit code 0 if this person would get in (without a
password: if he could, with the right one), 1 if not, 69 if LDAP cannot say.`;

const SYNC_EXPLANATION = `
Accounts follow their entries at each login anyway. This finds those who were switched off or are
gone, and ends their open sessions. If more than a tenth of the entries, and more than five, are
gone since the last time, nothing is switched off without --force: the settings may be wrong. --add
goes through all entries that ldap.filter can find: those that are enabled and have an address
become accounts without waiting for a first login, since mail reaches accounts alone.

With --every it stays, and logs what it does. It may run on several hosts: one of them has the duty,
and another takes over within 75 seconds of its end. A run that fails is logged and tried again at
the next turn. SIGTERM or Ctrl-C ends it between two accounts, with exit code 0.`;
