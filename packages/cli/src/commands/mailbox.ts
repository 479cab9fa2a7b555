/** `homeward mailbox …`: its options and help. What they do is `import/`. */
import type { Command } from 'commander';
import { addOperatorOptions, type CommandContext } from './command-context.ts';

/** Adds the commands. */
export function addMailboxCommands(program: Command, context: CommandContext): void {
  const mailbox = program.command('mailbox').description('the mail of an account');
  const load = mailbox
    .command('import')
    .description('put mail from files into a mailbox; never twice, however often it is run')
    .argument('<account>', 'id or login name')
    .argument('<path>', 'an mbox file (.gz too), a Maildir, or a folder of .eml files')
    .option('--into <folder>', 'everything goes below this folder (default: INBOX to INBOX)')
    .addHelpText('after', EXPLANATION);
  addOperatorOptions(load).action(async (account: string, path: string, options) => {
    const { importMailbox } = await import('../import/import-mailbox.ts');
    await importMailbox(context, account, path, options);
  });
}

const EXPLANATION = `
The site of the account must be running. Interrupt it when you like: the next run goes on where
this one stopped, and nothing comes twice. A message that the site does not take is named at
the end with its reason; the exit code is 1 then.`;
