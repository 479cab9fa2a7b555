/** SUBSCRIBE and UNSUBSCRIBE (RFC 3501 §6.3.6, §6.3.7). */
import type { CommandOf } from '../../grammar/command.ts';
import { type CommandResult, no, ok } from '../command-result.ts';
import { refusalText } from '../refusals.ts';
import type { SessionContext } from '../session-context.ts';

export async function runSubscribe(
  context: SessionContext,
  command: CommandOf<'subscribe' | 'unsubscribe'>,
): Promise<CommandResult> {
  const isSubscribed = command.name === 'subscribe';
  const outcome = await context.mailbox.setSubscribed(command.mailbox, isSubscribed);
  return outcome.ok
    ? ok(`${command.name.toUpperCase()} completed`)
    : no(refusalText(outcome.reason));
}
