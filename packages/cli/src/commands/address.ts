/** `homeward address …`: its options and help. What they do is `addresses/`. */
import type { Command } from 'commander';
import { addOperatorOptions, type CommandContext } from './command-context.ts';

/** Adds the commands. */
export function addAddressCommands(program: Command, context: CommandContext): void {
  const address = program.command('address').description('what becomes of mail for an address');
  const show = address
    .command('show')
    .description('who gets mail for an address and why, and who may send by it; changes nothing')
    .argument('<address>', 'as in a message, such as anna+lists@example.org')
    .addHelpText(
      'after',
      `
Ends with 1 if nobody gets it. Mail for other domains, and for addresses that others may have, goes
elsewhere. What a service’s own file says of mail is not known here, settings are.`,
    );
  addOperatorOptions(show).action(async (text: string, options) => {
    const { showAddress } = await import('../addresses/show-address.ts');
    await showAddress(context, text, options);
  });
}
