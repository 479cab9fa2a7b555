/** `homeward site …`: its options and help. What they do is `sites/`. */
import type { Command } from 'commander';
import { addOperatorOptions, collect, type CommandContext } from './command-context.ts';

/** Adds the commands. */
export function addSiteCommands(program: Command, context: CommandContext): void {
  const site = program.command('site').description('the places where mailboxes live');
  const add = site
    .command('add')
    .description('tell the directory of a site that runs elsewhere')
    .argument('<name>', '1 to 63 of a-z, 0-9 and inner hyphens')
    .requiredOption(
      '--worker <host:imaps:pop3s[:control]>',
      'where a worker listens, such as 10.1.0.5:1993:1995:1997; in order, repeatable',
      collect,
    )
    .option('--server-name <name>', 'that its certificate carries (default: NAME.sites.HOSTNAME)')
    .addHelpText(
      'after',
      '\nTo make certificate and configuration of a new site as well, use homeward init --site.',
    );
  addOperatorOptions(add).action(async (name: string, options) => {
    const { addSite } = await import('../sites/add-site.ts');
    await addSite(context, name, options);
  });
  const set = site
    .command('set')
    .description('tell the directory that a site is elsewhere; its mailboxes stay with it')
    .argument('<name>', 'of a site that the directory has')
    .option(
      '--worker <host:imaps:pop3s[:control]>',
      'where each worker listens now; as many as there were, in the same order',
      collect,
    )
    .option('--server-name <name>', 'that its certificate carries');
  addOperatorOptions(set).action(async (name: string, options) => {
    const { setSite } = await import('../sites/set-site.ts');
    await setSite(context, name, options);
  });
  const list = site.command('list').description('sites, their workers, and what each owns');
  addOperatorOptions(list).action(async (options) => {
    const { listSites } = await import('../sites/list-sites.ts');
    await listSites(context, options);
  });
}
