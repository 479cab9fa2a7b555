/** COPY (RFC 3501 §6.4.7) and MOVE (RFC 6851 §3), both with COPYUID (RFC 4315 §3). */
import type { CommandOf } from '../../grammar/command.ts';
import { formatNumberSet } from '../../grammar/number-set.ts';
import type { Uid } from '../../ids.ts';
import { type CommandResult, bad, no, ok } from '../command-result.ts';
import type { FolderView } from '../folder-view.ts';
import { resolveMessages } from '../message-set.ts';
import type { CopyResult, Refusal } from '../ports.ts';
import { refusalText, targetRefusalText } from '../refusals.ts';
import type { SessionContext } from '../session-context.ts';

type CopyCommand = CommandOf<'copy' | 'move'>;

export async function runCopy(
  context: SessionContext,
  command: CopyCommand,
): Promise<CommandResult> {
  const view = context.selectedView;
  const uids = findUids(view, command);
  if ('status' in uids) return uids;
  if (uids.length === 0) return ok('COPY found no messages');
  const outcome = await context.waitFor(view.folder.copy(uids, command.mailbox), uids.length);
  if (!outcome.ok) return refuse(view, outcome.reason);
  return ok(`${copyUidCode(outcome.value)}COPY completed`);
}

/**
 * Moves, tells COPYUID untagged before the EXPUNGEs (RFC 6851 §4.3), and lets the loop report
 * those.
 */
export async function runMove(
  context: SessionContext,
  command: CopyCommand,
): Promise<CommandResult> {
  const view = context.selectedView;
  if (view.folder.isReadOnly) return no('[READ-ONLY] The mailbox is open for reading only');
  const uids = findUids(view, command);
  if ('status' in uids) return uids;
  if (uids.length === 0) return ok('MOVE found no messages');
  const outcome = await context.waitFor(view.folder.move(uids, command.mailbox), uids.length);
  if (!outcome.ok) return refuse(view, outcome.reason);
  const code = copyUidCode(outcome.value);
  if (code !== '') context.writer.untagged(`OK ${code}Moved`);
  return ok('MOVE completed');
}

/**
 * All messages that are named, or why not: where somebody else expunged one of them, nothing is
 * copied (RFC 3501 §6.4.7, RFC 2180 §4.4.1), but a UID that is not there names nothing
 * (RFC 3501 §6.4.8).
 */
function findUids(view: FolderView, command: CopyCommand): readonly Uid[] | CommandResult {
  const positions = resolveMessages(view, command.set, command.numbering);
  if (positions === undefined) return bad('There is no message of that number');
  const { index } = view.folder;
  const isOneGone =
    command.numbering === 'sequence' &&
    positions.some((position) => view.locate(index, position) < 0);
  if (isOneGone) return no(refusalText('expunged'));
  return positions.map((position) => view.uidAt(position));
}

/** What does not exist is the target, unless the selected folder itself is gone. */
function refuse(view: FolderView, reason: Refusal): CommandResult {
  return no(view.folder.isGone ? refusalText(reason) : targetRefusalText(reason));
}

/** Empty where nothing was copied (RFC 4315 §3). */
function copyUidCode(result: CopyResult): string {
  if (result.newUids.length === 0) return '';
  const from = formatNumberSet(result.sourceUids);
  return `[COPYUID ${result.uidValidity} ${from} ${formatNumberSet(result.newUids)}] `;
}
