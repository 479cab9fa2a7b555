/** `homeward session …`: its options and help. What they do is `sessions/`. */
import { type Command, InvalidArgumentError } from 'commander';
import { addOperatorOptions, type CommandContext } from './command-context.ts';

/** Adds the commands. */
export function addSessionCommands(program: Command, context: CommandContext): void {
  const session = program
    .command('session')
    .description('who is connected now, at all front ends, and ending what should not go on');
  const list = session
    .command('list')
    .description('sessions, in order of their conversation’s ids')
    .option('--limit <number>', 'of the sessions that are shown', parseLimit, 100)
    .option('--after <conversation>', 'go on behind this one');
  addFilterOptions(addOperatorOptions(list)).action(async (options) => {
    const { listSessions } = await import('../sessions/list-sessions.ts');
    await listSessions(context, options);
  });
  const count = session
    .command('count')
    .description('how many sessions there are, and at which front ends');
  addFilterOptions(addOperatorOptions(count)).action(async (options) => {
    const { countSessions } = await import('../sessions/count-sessions.ts');
    await countSessions(context, options);
  });
  const kick = session
    .command('kick')
    .description('end sessions, each between two commands')
    .option('--all', 'every session of the deployment, if no other option says which')
    .option('-y, --yes', 'do not ask')
    .addHelpText('after', KICK_EXPLANATION);
  addFilterOptions(addOperatorOptions(kick)).action(async (options) => {
    const { kickSessions } = await import('../sessions/kick-sessions.ts');
    await kickSessions(context, options);
  });
}

function addFilterOptions(command: Command): Command {
  return command
    .option('--account <account>', 'who logged in, or whose mailbox it is')
    .option('--site <site>', 'where the mailbox is')
    .option('--protocol <protocol>', 'imap, pop3 or submission')
    .option('--network <network>', 'the client’s: an address, or CIDR as in 192.0.2.0/24')
    .option('--front-end <name>', 'the front end that has it')
    .option('--conversation <id>', 'this one');
}

function parseLimit(text: string): number {
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= 100_000) return limit;
  throw new InvalidArgumentError('use a number from 1 to 100000');
}

const KICK_EXPLANATION = `
Mail programs come back by themselves: to keep somebody out, switch the account off (homeward
account set) or give it another password. A command that is under way is waited for, an APPEND for
draining.commandSeconds at most.`;
