/** `homeward throttle …`: its options and help. What they do is `throttle/`. */
import type { Command } from 'commander';
import { addOperatorOptions, type CommandContext } from './command-context.ts';

/** Adds the commands. */
export function addThrottleCommands(program: Command, context: CommandContext): void {
  const throttle = program
    .command('throttle')
    .description('who guesses at passwords, and is slowed down by all front ends');
  const show = throttle
    .command('show')
    .description('networks and accounts with wrong passwords lately, the latest first')
    .addHelpText('after', SHOW_EXPLANATION);
  addOperatorOptions(addSelection(show)).action(async (options) => {
    const { showThrottle } = await import('../throttle/show-throttle.ts');
    await showThrottle(context, options);
  });
  const clear = throttle
    .command('clear')
    .description('forget wrong passwords, so that nobody waits for them any more')
    .option('--all', 'those of everybody');
  addOperatorOptions(addSelection(clear)).action(async (options) => {
    const { clearThrottle } = await import('../throttle/clear-throttle.ts');
    await clearThrottle(context, options);
  });
}

function addSelection(command: Command): Command {
  return command
    .option('--account <name>', 'about this account: its address or a login name')
    .option('--address <address>', 'from this address or network');
}

const SHOW_EXPLANATION = `
"address": wrong passwords from this network, at any account. "account": at this account, from
networks that are strange to it. "known": at this account, from a network where it is at home.
For a network the account is how many were tried. WRONG is how many passwords: one that is
repeated counts once, and the settings throttle.… say how many are free. LEFT is the time until
they are forgotten. --json says also when the last one was.`;
