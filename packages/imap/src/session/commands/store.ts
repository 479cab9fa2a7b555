/** STORE and UID STORE (RFC 3501 §6.4.6). */
import type { CommandOf } from '../../grammar/command.ts';
import type { SequenceNumber, Uid } from '../../ids.ts';
import { type CommandResult, bad, no, ok } from '../command-result.ts';
import type { FolderView } from '../folder-view.ts';
import { resolveMessages } from '../message-set.ts';
import { refusalText } from '../refusals.ts';
import { type SessionContext, writeFlags } from '../session-context.ts';

export async function runStore(
  context: SessionContext,
  command: CommandOf<'store'>,
): Promise<CommandResult> {
  const view = context.selectedView;
  if (view.folder.isReadOnly) return no('[READ-ONLY] The mailbox is open for reading only');
  const positions = resolveMessages(view, command.set, command.numbering);
  if (positions === undefined) return bad('There is no message of that number');
  if (positions.length === 0) return ok('There was nothing to store');
  const uids = positions.map((position) => view.uidAt(position));
  const { change, flags } = command;
  const outcome = await view.folder.changeFlags(uids, { kind: change, flags });
  if (!outcome.ok) return no(refusalText(outcome.reason));
  await tellFlags(context, view, positions, uids, command);
  return outcome.value.missing.length === 0 ? ok('STORE completed') : no(refusalText('expunged'));
}

/** Says the new flags, or notes that the client knows them already (`.SILENT`). */
async function tellFlags(
  context: SessionContext,
  view: FolderView,
  positions: readonly number[],
  uids: readonly Uid[],
  command: CommandOf<'store'>,
): Promise<void> {
  context.reportKeywords();
  for (const [at, position] of positions.entries()) {
    const uid = uids[at];
    if (uid === undefined) continue;
    const { index } = view.folder;
    const now = index.positionOf(uid);
    if (now < 0) continue;
    view.noteTold(uid);
    if (command.silent) continue;
    const sequence = (position + 1) as SequenceNumber;
    writeFlags(
      context.writer,
      view,
      sequence,
      uid,
      index.flagsAt(now),
      command.numbering === 'uid',
    );
    const relieved = context.writer.relieve();
    if (relieved !== undefined) await relieved;
  }
}
