/** `homeward component …`: its options and help. What they do is `components/`. */
import type { Command } from 'commander';
import { addOperatorOptions, type CommandContext } from './command-context.ts';

/** Adds the commands. */
export function addComponentCommands(program: Command, context: CommandContext): void {
  const component = program
    .command('component')
    .description('put a front end, a site or a worker into maintenance, and take it back');
  const list = component
    .command('list')
    .description('front ends that run, sites and workers, and who wants what of them');
  addOperatorOptions(list).action(async (options) => {
    const { listComponents } = await import('../components/list-components.ts');
    await listComponents(context, options);
  });
  const set = component
    .command('set')
    .description('say which state a component is to be in [Set-ServerComponentState]')
    .argument('<component>', 'frontend:NAME, site:NAME or worker:SITE/INDEX')
    .argument('<state>', 'active, draining or inactive')
    .option('--requester <name>', 'on whose behalf; each has a wish of its own', 'maintenance')
    .option('--why <text>', 'for those who wonder')
    .addHelpText('after', SET_EXPLANATION);
  addOperatorOptions(set).action(async (name: string, state: string, options) => {
    const { setComponent } = await import('../components/set-component.ts');
    await setComponent(context, name, state, options);
  });
}

const SET_EXPLANATION = `
A component is active if every requester says so; of several wishes the strictest holds. Draining a
front end: it is not ready at once, takes logins for draining.noticeSeconds more, and ends its
sessions over draining.windowSeconds, each between two commands. Draining a site or a worker: logins
for its mailboxes are told to come back later ([UNAVAILABLE]), its sessions end over the window.
Inactive: the same, at once. It applies within a second, and needs no restart.`;
