/** `homeward mailbox …`: its options and help. What they do is `import/` and `export/`. */
import { type Command, Option } from 'commander';
import {
  addOperatorOptions,
  addVolumeOption,
  collect,
  type CommandContext,
} from './command-context.ts';

/** Adds the commands. */
export function addMailboxCommands(program: Command, context: CommandContext): void {
  const mailbox = program.command('mailbox').description('the mail of an account');
  addImport(mailbox, context);
  addExport(mailbox, context);
  addUsage(mailbox, context);
  addBackup(mailbox, context);
  addRestore(mailbox, context);
  addVerify(mailbox, context);
}

function addVerify(mailbox: Command, context: CommandContext): void {
  const verify = mailbox
    .command('verify')
    .description('find where a mailbox’s database and files disagree, and mend it if wanted')
    .argument('[account]', 'id or login name')
    .option('--site <name>', 'all mailboxes of this site, one after another')
    .option('--repair', 'put right what is found; nothing is lost by it')
    .addHelpText('after', VERIFY_EXPLANATION);
  addVolumeOption(verify);
  addOperatorOptions(verify).action(async (account: string | undefined, options) => {
    const { verifyMailboxes } = await import('../care/verify-mailbox.ts');
    await verifyMailboxes(context, account, options);
  });
}

const VERIFY_EXPLANATION = `
It reads every message, which may be in use meanwhile. With --repair sessions of the mailbox end, and
logins wait until it is done; messages that no folder has, and files that no message names, come
back in a folder "Recovered". The exit code is 1 if something is wrong that was not mended.`;

function addBackup(mailbox: Command, context: CommandContext): void {
  const backup = mailbox
    .command('backup')
    .description('copy a mailbox, which may be in use, to a folder; or renew the copy there')
    .argument('<account>', 'id or login name')
    .argument('<folder>', 'whole path on the site’s host; its parent must be there')
    .addHelpText('after', BACKUP_EXPLANATION);
  addVolumeOption(backup);
  addOperatorOptions(backup).action(async (account: string, folder: string, options) => {
    const { backupMailbox } = await import('../care/backup-mailbox.ts');
    await backupMailbox(context, account, folder, options);
  });
}

const BACKUP_EXPLANATION = `
The site makes it, at its own host. On the mailbox's own volume the messages' files are linked and
take no room; elsewhere they are copied, a second time only what is new. Until the new backup is
whole, the old one is.`;

function addRestore(mailbox: Command, context: CommandContext): void {
  const restore = mailbox
    .command('restore')
    .description('bring a mailbox back as a backup has it')
    .argument('<account>', 'id or login name')
    .argument('[folder]', 'whole path of the backup on the site’s host')
    .option('--replace', 'put the mailbox that is there aside')
    .option('--put-aside', 'in place of a backup, what was put aside last: takes a restore back')
    .option('-y, --yes', 'do not ask')
    .addHelpText('after', RESTORE_EXPLANATION);
  addVolumeOption(restore);
  addOperatorOptions(restore).action(
    async (account: string, folder: string | undefined, options) => {
      const { restoreMailbox } = await import('../care/backup-mailbox.ts');
      await restoreMailbox(context, account, folder, options);
    },
  );
}

const RESTORE_EXPLANATION = `
Sessions end, and logins wait until it is done. Messages have the UIDs and unique ids that they had, so
clients fetch nothing again; what came after the backup is gone for them. With --replace that is
not lost: homeward account list-deleted shows what was put aside.`;

function addUsage(mailbox: Command, context: CommandContext): void {
  const usage = mailbox
    .command('usage')
    .description('what an account’s mail takes, by folder, and what it may take')
    .argument('<account>', 'id or login name');
  addOperatorOptions(usage).action(async (account: string, options) => {
    const { showUsage } = await import('../usage/mailbox-usage.ts');
    await showUsage(context, account, options);
  });
}

function addImport(mailbox: Command, context: CommandContext): void {
  const load = mailbox
    .command('import')
    .description('put mail into a mailbox; never twice, however often it is run')
    .argument('<account>', 'id or login name')
    .argument(
      '<source>',
      'an mbox file (.gz too), a Maildir, a folder of .eml files; or a running server: ' +
        'imaps://HOST[:PORT], or imap://HOST[:PORT] with STARTTLS',
    )
    .option('--into <folder>', 'everything goes below this folder (default: INBOX to INBOX)')
    .option(
      '--folder <name>',
      'only this folder of the source; "*" is anything; repeatable',
      collect,
    )
    .option('--exclude <name>', 'not this folder of the source; repeatable', collect)
    .option(
      '--map <source=target>',
      'where a folder goes, with those below it; repeatable',
      collect,
    )
    .option('--no-special-use', 'keep the names of the folders for sent mail, drafts and so on')
    .option('--dry-run', 'tell what would go where, and import nothing');
  addServerOptions(load).addHelpText('after', IMPORT_EXPLANATION);
  addOperatorOptions(load).action(async (account: string, source: string, options) => {
    const { importMailbox } = await import('../import/import-mailbox.ts');
    await importMailbox(context, account, source, options);
  });
}

/** For a source that is a running server. */
function addServerOptions(load: Command): Command {
  const secrets = ['passwordFile', 'passwordStdin', 'accessTokenFile'];
  const others = (name: string): string[] => secrets.filter((one) => one !== name);
  return load
    .option('--user <name>', 'to log in by at the server')
    .addOption(
      new Option('--password-file <file>', 'its password').conflicts(others('passwordFile')),
    )
    .addOption(
      new Option('--password-stdin', 'its password, from standard input').conflicts(
        others('passwordStdin'),
      ),
    )
    .addOption(
      new Option('--access-token-file <file>', 'an OAuth 2.0 access token').conflicts(
        others('accessTokenFile'),
      ),
    )
    .option('--ca-file <file>', 'PEM: the authority that issued its certificate')
    .option('--server-name <name>', 'that its certificate carries (default: its host)')
    .option('--any-certificate', 'do not verify it: whoever is in between reads all')
    .option('--no-tls', 'password and mail in the clear, for imap://')
    .option('--journal <folder>', 'for going on quickly (default: imports/ beside homeward.yaml)')
    .option('--no-journal', 'keep none');
}

function addExport(mailbox: Command, context: CommandContext): void {
  const save = mailbox
    .command('export')
    .description('write an account’s mail into files; a second run adds what is new')
    .argument('<account>', 'id or login name')
    .argument('<directory>', 'new, empty, or of an earlier export of the same account')
    .addOption(
      new Option('--format <format>', 'what to write')
        .choices(['maildir', 'mbox'])
        .makeOptionMandatory(),
    )
    .addOption(
      new Option('--line-ends <ends>', 'default: exact for maildir, lf for mbox').choices([
        'exact',
        'lf',
      ]),
    )
    .option('--folder <name>', 'only this folder; "*" is anything; repeatable', collect)
    .option('--exclude <name>', 'not this folder; repeatable', collect)
    .addHelpText('after', EXPORT_EXPLANATION);
  addOperatorOptions(save).action(async (account: string, directory: string, options) => {
    const { exportMailbox } = await import('../export/export-mailbox.ts');
    await exportMailbox(context, account, directory, options);
  });
}

const EXPORT_EXPLANATION = `
The site of the account must be running; the mailbox is only read. maildir is Maildir++ with flags
in file names, dates of arrival as file times, and Dovecot's files for keywords, UIDs and
subscriptions. mbox is one file for each folder (mboxrd) with Status, X-Status and X-Keywords.
Files appear when they are whole. Both can be imported again: octets are the same then, unless
the summary says otherwise. Nothing that is on disk is removed.`;

const IMPORT_EXPLANATION = `
The site of the account must be running. Interrupt it when you like: the next run goes on where
this one stopped, and nothing comes twice. A message that the site does not take is named at
the end with its reason; the exit code is 1 then.

From a running server come flags, keywords, dates of arrival, folders and subscriptions. The
folders for sent mail, drafts, junk, trash and archive go to those of the account, whatever they
are called there. The source is not changed. Its password is asked for, or comes from
--password-file, --password-stdin or $HOMEWARD_IMPORT_PASSWORD; a lost connection is made anew.

  homeward mailbox import anna imaps://old.example.org --user anna --dry-run
  homeward mailbox import anna imaps://old.example.org --user anna --exclude 'Public/*'`;
