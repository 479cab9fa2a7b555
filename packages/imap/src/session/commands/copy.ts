/** COPY (RFC 3501 §6.4.7) and MOVE (RFC 6851 §3), both with COPYUID (RFC 4315 §3). */
import type { CommandOf } from '../../grammar/command.ts';
import { formatNumberSet } from '../../grammar/number-set.ts';
import { type CommandResult, bad, no, ok } from '../command-result.ts';
import { resolveMessages } from '../message-set.ts';
import type { CopyResult } from '../ports.ts';
import { refusalText, targetRefusalText } from '../refusals.ts';
import type { SessionContext } from '../session-context.ts';

export async function runCopy(
  context: SessionContext,
  command: CommandOf<'copy' | 'move'>,
): Promise<CommandResult> {
  const view = context.selectedView;
  const positions = resolveMessages(view, command.set, command.numbering);
  if (positions === undefined) return bad('There is no message of that number');
  if (positions.length === 0) return ok('There was nothing to copy');
  const uids = positions.map((position) => view.uidAt(position));
  const outcome = await view.folder.copy(uids, command.mailbox);
  if (!outcome.ok) return no(targetRefusalText(outcome.reason));
  return ok(`${copyUidCode(outcome.value)}COPY completed`);
}

/**
 * Moves, tells COPYUID untagged before the EXPUNGEs (RFC 6851 §4.3), and lets the loop report
 * those.
 */
export async function runMove(
  context: SessionContext,
  command: CommandOf<'copy' | 'move'>,
): Promise<CommandResult> {
  const view = context.selectedView;
  if (view.folder.isReadOnly) return no('[READ-ONLY] The mailbox is open for reading only');
  const positions = resolveMessages(view, command.set, command.numbering);
  if (positions === undefined) return bad('There is no message of that number');
  if (positions.length === 0) return ok('There was nothing to move');
  const uids = positions.map((position) => view.uidAt(position));
  const outcome = await view.folder.move(uids, command.mailbox);
  if (!outcome.ok) {
    const isTarget = outcome.reason === 'nonexistent' && !view.folder.isGone;
    return no(isTarget ? targetRefusalText(outcome.reason) : refusalText(outcome.reason));
  }
  const code = copyUidCode(outcome.value);
  if (code !== '') context.writer.untagged(`OK ${code}Moved`);
  return ok('MOVE completed');
}

/** Empty where nothing was copied (RFC 4315 §3). */
function copyUidCode(result: CopyResult): string {
  if (result.newUids.length === 0) return '';
  const from = formatNumberSet(result.sourceUids);
  return `[COPYUID ${result.uidValidity} ${from} ${formatNumberSet(result.newUids)}] `;
}
