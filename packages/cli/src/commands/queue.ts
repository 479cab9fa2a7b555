/** `homeward queue …`: its options and help. What they do is `queue/`. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { addOperatorOptions, type CommandContext } from './command-context.ts';

const CHANGES = [
  ['retry', 'try messages now, and destinations that rest'],
  ['hold', 'keep messages back until they are released'],
  ['release', 'let held messages go on'],
  ['drop', 'remove messages for ever; nobody is told'],
] as const;

/** Adds the commands. */
export function addQueueCommands(program: Command, context: CommandContext): void {
  const queue = program
    .command('queue')
    .description('mail that is on its way to other workers, sites and hosts');
  const list = queue
    .command('list')
    .description('messages, the oldest of each worker first; never what they say')
    .option('--limit <number>', 'of the messages that are shown', parseLimit, 100)
    .option('--after <message>', 'go on behind this one');
  addFilterOptions(addOperatorOptions(list)).action(async (options) => {
    const { listQueue } = await import('../queue/list-queue.ts');
    await listQueue(context, options);
  });
  const show = queue
    .command('show')
    .description('a message with its recipients, and what was said about each')
    .argument('<message>', 'as in the list');
  addOperatorOptions(show).action(async (message: string, options) => {
    const { showQueued } = await import('../queue/show-queued.ts');
    await showQueued(context, message, options);
  });
  for (const [action, description] of CHANGES) {
    const change = queue
      .command(action)
      .description(description)
      .argument('[messages...]', 'as in the list; otherwise all that the options name')
      .option('--all', 'every message of the deployment, if no other option says which');
    if (action === 'drop') change.option('-y, --yes', 'do not ask');
    addFilterOptions(addOperatorOptions(change)).action(async (messages: string[], options) => {
      const { changeQueued } = await import('../queue/change-queued.ts');
      await changeQueued(context, action, messages, options);
    });
  }
}

function addFilterOptions(command: Command): Command {
  return command
    .option('--site <site>', 'whose queues; otherwise of all sites')
    .option('--sender <address>', 'or @domain; <> for notices')
    .option('--recipient <address>', 'or @domain')
    .option('--destination <name>', 'worker:SITE/NUMBER or elsewhere:DOMAIN')
    .addOption(
      new Option('--state <state>', 'of the message').choices(['waiting', 'trying', 'held']),
    );
}

function parseLimit(text: string): number {
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= 1_000) return limit;
  throw new InvalidArgumentError('use a number from 1 to 1000');
}
