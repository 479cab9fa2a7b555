/** `homeward frontend` and `homeward backend`: the services themselves. */
import { type Command, Option } from 'commander';
import type { CommandContext } from './command-context.ts';

/** Adds the commands. */
export function addServiceCommands(program: Command, context: CommandContext): void {
  for (const [name, description] of SERVICES) {
    program
      .command(name)
      .description(description)
      .requiredOption('-c, --config <file>', 'made by homeward init')
      .addOption(new Option('--supervised', 'end when the starting process does').hideHelp())
      .addHelpText('after', EXPLANATION)
      .action(async (options) => {
        const { runServiceCommand } = await import('../services/run-service-command.ts');
        await runServiceCommand(context, name, options);
      });
  }
}

const SERVICES = [
  ['frontend', 'what mail programs connect to; any number of them'],
  ['backend', 'a site: the owner of its mailboxes'],
] as const;

const EXPLANATION = `
Every key of the file can be set by the environment as well: homeward config describe.
SIGTERM or Ctrl-C ends sessions in order; a second one ends them at once.`;
