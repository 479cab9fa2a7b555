/** DELETE (RFC 3501 §6.3.4). */
import type { CommandOf } from '../../grammar/command.ts';
import { type CommandResult, no, ok } from '../command-result.ts';
import { refusalText } from '../refusals.ts';
import type { SessionContext } from '../session-context.ts';

export async function runDelete(
  context: SessionContext,
  command: CommandOf<'delete'>,
): Promise<CommandResult> {
  const outcome = await context.mailbox.deleteFolder(command.mailbox);
  return outcome.ok ? ok('DELETE completed') : no(refusalText(outcome.reason));
}
