/** `homeward account app-password …`: its options and help. What they do is `app-passwords/`. */
import type { Command } from 'commander';
import { addOperatorOptions, type CommandContext } from './command-context.ts';

/** Adds the commands below `account`. */
export function addAppPasswordCommands(account: Command, context: CommandContext): void {
  const parent = account
    .command('app-password')
    .description('secrets for single programs, beside the password of the account');
  const add = parent
    .command('add')
    .description('make one; its secret is shown once')
    .argument('<account>', 'id or login name')
    .requiredOption('--label <text>', 'what it is for, such as "telephone"')
    .option('--protocols <list>', 'of imap, pop3, submission', 'imap,pop3,submission')
    .addHelpText('after', ADD_EXPLANATION);
  addOperatorOptions(add).action(async (which: string, options) => {
    const { addAppPassword } = await import('../app-passwords/add-app-password.ts');
    await addAppPassword(context, which, options);
  });
  const list = parent
    .command('list')
    .description('all of an account, and when each was used last')
    .argument('<account>', 'id or login name');
  addOperatorOptions(list).action(async (which: string, options) => {
    const { listAppPasswords } = await import('../app-passwords/list-app-passwords.ts');
    await listAppPasswords(context, which, options);
  });
  const revoke = parent
    .command('revoke')
    .description('end one, and the sessions that it opened')
    .argument('<account>', 'id or login name')
    .argument('<app-password>', 'its id, or its label');
  addOperatorOptions(revoke).action(async (which: string, appPassword: string, options) => {
    const { revokeAppPassword } = await import('../app-passwords/revoke-app-password.ts');
    await revokeAppPassword(context, which, appPassword, options);
  });
}

const ADD_EXPLANATION = `
An account may have 50. Its own password goes on to work, unless you switch that off by
"homeward account set ACCOUNT --password-login off".`;
