/** CREATE (RFC 3501 §6.3.3), with MAILBOXID (RFC 8474 §4.1). */
import type { CommandOf } from '../../grammar/command.ts';
import { type CommandResult, no, ok } from '../command-result.ts';
import { refusalText } from '../refusals.ts';
import type { SessionContext } from '../session-context.ts';

export async function runCreate(
  context: SessionContext,
  command: CommandOf<'create'>,
): Promise<CommandResult> {
  const outcome = await context.mailbox.createFolder(command.mailbox, true);
  if (!outcome.ok) return no(refusalText(outcome.reason));
  return ok(`[MAILBOXID (${outcome.value})] CREATE completed`);
}
