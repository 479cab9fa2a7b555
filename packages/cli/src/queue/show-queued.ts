/** `homeward queue show`: one message with its recipients. */
import {
  type CommandContext,
  type OperatorOptions,
  printResult,
} from '../commands/command-context.ts';
import { EXIT_CODES, OperatorError } from '../output/operator-error.ts';
import { openDeployment } from '../wiring.ts';
import { findDoor, parseMessageName } from './message-name.ts';
import { openQueueDoors } from './queue-doors.ts';
import { formatMessage, viewMessage } from './queue-view.ts';

/** @throws OperatorError if it is not there. */
export async function showQueued(
  context: CommandContext,
  text: string,
  options: OperatorOptions,
): Promise<void> {
  const name = parseMessageName(text);
  await using deployment = await openDeployment(options.config, context.environment);
  const door = findDoor(await openQueueDoors(deployment, name.site), name);
  const facts = await door?.ask({ kind: 'show', id: name.id });
  if (facts === undefined) throw notQueued([text]);
  printResult(context, options, viewMessage(name.site, facts), () =>
    formatMessage(name.site, facts),
  );
}

export function notQueued(names: readonly string[]): OperatorError {
  const lines = names.map(
    (name) => `${name} is in no queue: it is delivered, given back or dropped`,
  );
  return new OperatorError(lines, EXIT_CODES.refused);
}
