/** `homeward site …`: its options and help. What they do is `sites/`. */
import { type Command, Option } from 'commander';
import { addOperatorOptions, collect, type CommandContext } from './command-context.ts';

/** Adds the commands. */
export function addSiteCommands(program: Command, context: CommandContext): void {
  const site = program.command('site').description('the places where mailboxes live');
  const add = site
    .command('add')
    .description('tell the directory of a site that runs elsewhere')
    .argument('<name>', '1 to 63 of a-z, 0-9 and inner hyphens')
    .option(
      '--worker <host:imaps:pop3s[:control[:imap:pop3]][,name=port…]>',
      'where a worker listens, such as 10.1.0.5:1993:1995:1997, with ,submissions=1998,lmtps=1999 behind it; in order, repeatable; imap and pop3 (and submission=) are plain ports for a closed network',
      collect,
    )
    .option(
      '--server-name <name>',
      'that its certificate carries (default: NAME.sites.HOSTNAME; other software: each host’s name)',
    )
    .addHelpText('after', ADD_EXPLANATION);
  addForeignOptions(add);
  addOperatorOptions(add).action(async (name: string, options) => {
    const { addSite } = await import('../sites/add-site.ts');
    await addSite(context, name, options);
  });
  const set = site
    .command('set')
    .description('tell the directory that a site is elsewhere; its mailboxes stay with it')
    .argument('<name>', 'of a site that the directory has')
    .option(
      '--worker <host:imaps:pop3s[:control[:imap:pop3]][,name=port…]>',
      'where each worker listens now; as many as there were, in the same order',
      collect,
    )
    .option('--server-name <name>', 'that its certificate carries');
  addForeignOptions(set);
  addOperatorOptions(set).action(async (name: string, options) => {
    const { setSite } = await import('../sites/set-site.ts');
    await setSite(context, name, options);
  });
  const remove = site
    .command('delete')
    .description('forget a site where no account lives; nothing happens there')
    .argument('<name>', 'of a site that the directory has');
  addOperatorOptions(remove).action(async (name: string, options) => {
    const { deleteSite } = await import('../sites/delete-site.ts');
    await deleteSite(context, name, options);
  });
  const show = site
    .command('show')
    .description('everything about a site')
    .argument('<name>', 'of a site that the directory has');
  addOperatorOptions(show).action(async (name: string, options) => {
    const { showSite } = await import('../sites/show-site.ts');
    await showSite(context, name, options);
  });
  const list = site.command('list').description('sites, their workers, and what each owns');
  addOperatorOptions(list).action(async (options) => {
    const { listSites } = await import('../sites/list-sites.ts');
    await listSites(context, options);
  });
}

const ADD_EXPLANATION = `
To make certificate and configuration of a new site as well, use homeward init --site.

A site may run other software (Dovecot, Cyrus, Courier, Exchange): give --imap, --pop3 or
--submission in place of --worker. Such as
  homeward site add old --imap old.example.org --pop3 old.example.org --login pass-through
  homeward account add anna@example.org --site old --without-password`;

/** What is to be said of a site that runs other software. */
function addForeignOptions(command: Command): void {
  command
    .option('--imap <host[:port]>', 'other software: where it serves IMAP4; repeatable', collect)
    .option('--pop3 <host[:port]>', 'other software: where it serves POP3; repeatable', collect)
    .option(
      '--submission <host[:port]>',
      'other software: where it takes mail to be sent; repeatable',
      collect,
    )
    .addOption(
      new Option('--tls <how>', 'other software: from the start, by STARTTLS, or none').choices([
        'implicit',
        'starttls',
        'none',
      ]),
    )
    .addOption(
      new Option('--submission-tls <how>', 'the same, for submission alone').choices([
        'implicit',
        'starttls',
        'none',
      ]),
    )
    .option('--allow-plaintext', 'with --tls none: yes, in the clear')
    .option('--ca-file <file>', 'PEM of its authority, or of itself; "none": the public ones')
    .option(
      '--pin <base64>',
      'SHA-256 of its public key (SPKI); repeatable; "none" for none',
      collect,
    )
    .option('--client-certificate <name>', 'of homes.clientCertificates, shown there; or "none"')
    .addOption(
      new Option('--login <how>', 'other software: how an account is logged in there').choices([
        'pass-through',
        'master',
        'ticket',
      ]),
    )
    .option('--master-user <name>', 'who may open every mailbox there')
    .option('--master-secret <name>', 'of homes.secrets, in each front end’s configuration')
    .addOption(
      new Option('--master-form <form>', 'NAME*MASTER, or PLAIN with both').choices([
        'joined',
        'authzid',
      ]),
    )
    .option('--master-separator <text>', 'between both names (default: *)')
    .option('--login-name <template>', 'of {address}, {local}, {domain} (default: {address})')
    .addOption(
      new Option(
        '--client-identity <how>',
        'how it learns the client: IMAP ID and XCLIENT, or PROXY',
      ).choices(['protocol', 'proxy-v2', 'none']),
    );
}
