/** `homeward account …`: its options and help. What they do is `accounts/`. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseSize } from '../output/byte-size.ts';
import { addAppPasswordCommands } from './app-password.ts';
import {
  addOperatorOptions,
  addVolumeOption,
  collect,
  type CommandContext,
} from './command-context.ts';

const KINDS = ['user', 'shared', 'guest', 'anonymous', 'administrator'];

/** Adds the commands. */
export function addAccountCommands(program: Command, context: CommandContext): void {
  const account = program
    .command('account')
    .description('people, shared mailboxes, and accounts that never get in')
    .addHelpText('after', '\nACCOUNT is an id, or any login name of the account.');
  addAdd(account, context);
  addShow(account, context);
  addList(account, context);
  addSet(account, context);
  addDelegate(account, context);
  addAppPasswordCommands(account, context);
  addDelete(account, context);
  addUndelete(account, context);
}

const PASSWORD_LOGIN = 'whether its own password lets it in; "off": app passwords and tokens alone';

function addAdd(account: Command, context: CommandContext): void {
  const add = account
    .command('add')
    .description('add an account; asks for its password, but of a shared mailbox')
    .argument('<address>', 'the primary address: it gets mail, and is a login name')
    .requiredOption('--site <name>', 'where its mailbox lives')
    .option('--login-at-home <name>', 'its login name there, where the site runs other software')
    .option(
      '--name <login>',
      'a further login name: alias, address (gets mail, too), DOMAIN\\user',
      collect,
    )
    .option('--display-name <text>', 'for people')
    .addOption(new Option('--kind <kind>', 'what it is').choices(KINDS).default('user'))
    .option('--protocols <list>', 'of imap, pop3, submission; "none" for none (default: all)')
    .option('--connection-limit <count>', 'sessions at once (default: the deployment’s)', count)
    .option('--quota-bytes <size>', 'of all its mail, such as 5G (default: the site’s)', size)
    .option('--quota-messages <count>', 'how many it may have (default: the site’s)', count)
    .option('--disabled', 'nobody can log in until it is enabled')
    .option('--ldap [login]', 'LDAP judges the password, under this name there (default: address)')
    .option('--password', 'ask for a password for a shared mailbox, too')
    .addHelpText('after', ADD_EXPLANATION);
  addPasswordOptions(add);
  addOperatorOptions(add).action(async (address: string, options) => {
    const { addAccount } = await import('../accounts/add-account.ts');
    await addAccount(context, address, options);
  });
}

const ADD_EXPLANATION = `
A shared mailbox has no password unless one is given or asked for: its delegates open it with their
own, see homeward account delegate.`;

function addShow(account: Command, context: CommandContext): void {
  const show = account
    .command('show')
    .description('everything about an account but its secrets')
    .argument('<account>', 'id or login name');
  addOperatorOptions(show).action(async (which: string, options) => {
    const { showAccount } = await import('../accounts/show-account.ts');
    await showAccount(context, which, options);
  });
}

function addList(account: Command, context: CommandContext): void {
  const list = account
    .command('list')
    .description('all accounts, by address')
    .option('--site <name>', 'only those at this site')
    .addOption(new Option('--kind <kind>', 'only those of this kind').choices(KINDS));
  addOperatorOptions(list).action(async (options) => {
    const { listAccounts } = await import('../accounts/list-accounts.ts');
    await listAccounts(context, options);
  });
}

function addSet(account: Command, context: CommandContext): void {
  const set = account
    .command('set')
    .description('change an account; what is not named stays as it is')
    .argument('<account>', 'id or login name')
    .option(
      '--address <address>',
      'a new primary address; the old one gets no mail any more, and is no login name',
    )
    .option(
      '--name <login>',
      'further login names, all of them; mail reaches the addresses',
      collect,
    )
    .option('--no-names', 'no further login names')
    .option('--display-name <text>', 'for people; "" removes it')
    .addOption(new Option('--kind <kind>', 'what it is').choices(KINDS))
    .option('--protocols <list>', 'of imap, pop3, submission; "none" for none')
    .option('--connection-limit <count>', 'sessions at once; "none" for the deployment’s', limit)
    .option('--quota-bytes <size>', 'of all its mail, such as 5G; "none" for the site’s', sizeLimit)
    .option('--quota-messages <count>', 'how many it may have; "none" for the site’s', limit)
    .addOption(new Option('--enable', 'let it log in').conflicts('disable'))
    .option('--disable', 'do not let it log in; its open sessions end')
    .option('--site <name>', 'its new home; its mail must be there, and one of both is foreign')
    .option('--login-at-home <name>', 'its login name at a site of other software; "" removes it')
    .option('--password', 'ask for a new password')
    .addOption(new Option('--password-login <switch>', PASSWORD_LOGIN).choices(['on', 'off']))
    .addOption(
      new Option(
        '--save-sent-copy <switch>',
        'whether its home keeps copies of what it sends; default: as submission.saveSentCopy says',
      ).choices(['on', 'off', 'default']),
    )
    .option('--ldap [login]', 'LDAP judges the password, under this name there (default: address)')
    .option('--no-ldap', 'the directory judges the password again');
  addPasswordOptions(set);
  addOperatorOptions(set).action(async (which: string, options) => {
    const { setAccount } = await import('../accounts/set-account.ts');
    await setAccount(context, which, options);
  });
}

function addDelegate(account: Command, context: CommandContext): void {
  const delegate = account
    .command('delegate')
    .description('say who else may open a mailbox, and how')
    .argument('<mailbox>', 'id or login name of the account whose mailbox it is')
    .argument('<delegate>', 'id or login name of the account that may')
    .option('--rights <list>', 'of full, read, send-as; in place of those that he had')
    .addOption(new Option('--remove', 'he may nothing any more').conflicts('rights'))
    .addHelpText('after', DELEGATE_EXPLANATION);
  addOperatorOptions(delegate).action(async (mailbox: string, who: string, options) => {
    const { delegateAccount } = await import('../accounts/delegate-account.ts');
    await delegateAccount(context, mailbox, who, options);
  });
}

const DELEGATE_EXPLANATION = `
full opens the mailbox and changes everything in it, read opens it for reading; a delegate logs in
by his own password as MAILBOX's delegate, such as "anna@example.org/info@example.org". send-as
lets him send by its addresses and opens nothing. It applies at once: sessions that lost their
right end.`;

function addDelete(account: Command, context: CommandContext): void {
  const remove = account
    .command('delete')
    .description('remove an account; for a while it can be had back with its mail')
    .argument('<account>', 'id or login name')
    .option('-y, --yes', 'do not ask')
    .option('--leave-mail', 'remove it from the directory alone; its mail stays where it is')
    .addHelpText('after', DELETE_EXPLANATION);
  addVolumeOption(remove);
  addOperatorOptions(remove).action(async (which: string, options) => {
    const { deleteAccount } = await import('../accounts/delete-account.ts');
    await deleteAccount(context, which, options);
  });
}

const DELETE_EXPLANATION = `
Its sessions end, its mailbox is put aside at its site, its names are free. The site keeps mailbox,
record and password hash for deletedMailboxes.keepDays (30) days, then removes them for ever.`;

function addUndelete(account: Command, context: CommandContext): void {
  const undelete = account
    .command('undelete')
    .description('bring a deleted account back, with its names, password and mail')
    .argument('<account>', 'its address or id')
    .option('--site <name>', 'look at this site alone');
  addVolumeOption(undelete);
  addOperatorOptions(undelete).action(async (which: string, options) => {
    const { undeleteAccount } = await import('../accounts/undelete-account.ts');
    await undeleteAccount(context, which, options);
  });
  const list = account
    .command('list-deleted')
    .description('deleted accounts that can be had back, and until when')
    .option('--site <name>', 'look at this site alone');
  addVolumeOption(list);
  addOperatorOptions(list).action(async (options) => {
    const { listDeleted } = await import('../accounts/undelete-account.ts');
    await listDeleted(context, options);
  });
}

/** Never the password itself: arguments are seen by everybody on the host. */
function addPasswordOptions(command: Command): void {
  command
    .option('--password-stdin', 'read the password from standard input')
    .addOption(
      new Option('--password-file <file>', 'read the password from a file').conflicts(
        'passwordStdin',
      ),
    )
    .addOption(
      new Option('--without-password', 'nobody can log in until one is set').conflicts([
        'passwordStdin',
        'passwordFile',
      ]),
    );
}

function count(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('Give a whole number.');
  return Number(text);
}

function limit(text: string): number | 'none' {
  return text === 'none' ? text : count(text);
}

function size(text: string): number {
  const bytes = parseSize(text);
  if (bytes === undefined) throw new InvalidArgumentError('Give a size like 500M or 5G.');
  return bytes;
}

function sizeLimit(text: string): number | 'none' {
  return text === 'none' ? text : size(text);
}
