/** EXPUNGE (RFC 3501 §6.4.3) and UID EXPUNGE (RFC 4315 §2.1); the loop reports what went. */
import type { CommandOf } from '../../grammar/command.ts';
import { type CommandResult, no, ok } from '../command-result.ts';
import { resolveMessages } from '../message-set.ts';
import { refusalText } from '../refusals.ts';
import type { SessionContext } from '../session-context.ts';

export async function runExpunge(
  context: SessionContext,
  command: CommandOf<'expunge'>,
): Promise<CommandResult> {
  const view = context.selectedView;
  if (view.folder.isReadOnly) return no('[READ-ONLY] The mailbox is open for reading only');
  const positions =
    command.set === undefined ? undefined : (resolveMessages(view, command.set, 'uid') ?? []);
  const uids = positions?.map((position) => view.uidAt(position));
  const outcome = await context.waitFor(view.folder.expunge(uids), view.messageCount);
  return outcome.ok ? ok('EXPUNGE completed') : no(refusalText(outcome.reason));
}
