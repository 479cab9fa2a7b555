/** RENAME (RFC 3501 §6.3.5). */
import type { CommandOf } from '../../grammar/command.ts';
import { type CommandResult, no, ok } from '../command-result.ts';
import { refusalText } from '../refusals.ts';
import type { SessionContext } from '../session-context.ts';

export async function runRename(
  context: SessionContext,
  command: CommandOf<'rename'>,
): Promise<CommandResult> {
  const outcome = await context.mailbox.renameFolder(command.from, command.to);
  return outcome.ok ? ok('RENAME completed') : no(refusalText(outcome.reason));
}
