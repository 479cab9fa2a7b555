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
      '--worker <host:imaps:pop3s>',
      'where a worker listens, such as 10.1.0.5:1993:1995; in order, repeatable',
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
  const list = site.command('list').description('sites, their workers, and what each owns');
  addOperatorOptions(list).action(async (options) => {
    const { listSites } = await import('../sites/list-sites.ts');
    await listSites(context, options);
  });
}
