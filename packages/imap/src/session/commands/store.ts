/** STORE and UID STORE (RFC 3501 §6.4.6). */
import type { CommandOf } from '../../grammar/command.ts';
import type { SequenceNumber } from '../../ids.ts';
import { type CommandResult, bad, no, ok } from '../command-result.ts';
import { FlagExpectation } from '../flag-expectation.ts';
import type { FolderView } from '../folder-view.ts';
import { resolveMessages } from '../message-set.ts';
import type { FlagSet } from '../ports.ts';
import { refusalText } from '../refusals.ts';
import { type SessionContext, writeFlags } from '../session-context.ts';

/** Messages whose flags are told between two pauses for others. */
const TOLD_BATCH = 2_000;

export async function runStore(
  context: SessionContext,
  command: CommandOf<'store'>,
): Promise<CommandResult> {
  const view = context.selectedView;
  if (view.folder.isReadOnly) return no('[READ-ONLY] The mailbox is open for reading only');
  const positions = resolveMessages(view, command.set, command.numbering);
  if (positions === undefined) return bad('There is no message of that number');
  if (positions.length === 0) return ok('STORE found no messages');
  const { index } = view.folder;
  const believed = command.silent
    ? positions.map((position) => view.believedFlags(index, position))
    : undefined;
  const uids = positions.map((position) => view.uidAt(position));
  const change = { kind: command.change, flags: command.flags };
  const outcome = await view.folder.changeFlags(uids, change);
  if (!outcome.ok) return no(refusalText(outcome.reason));
  if (believed !== undefined) {
    noteExpected(view, positions, believed, new FlagExpectation(change));
    // RFC 2180 §4.2.2: whoever wants no answer wants none about messages that are gone.
    return ok('STORE completed');
  }
  await tellFlags(context, view, positions, command.numbering === 'uid');
  const isOneGone = command.numbering === 'sequence' && outcome.value.missing.length > 0;
  return isOneGone ? no(refusalText('expunged')) : ok('STORE completed');
}

/**
 * Notes of which messages the client knows the flags without being told: those that became what
 * its own change makes of what it knew. All others are told by the next report.
 */
function noteExpected(
  view: FolderView,
  positions: readonly number[],
  believed: readonly (FlagSet | undefined)[],
  expectation: FlagExpectation,
): void {
  const { index } = view.folder;
  for (const [order, position] of positions.entries()) {
    const before = believed[order];
    const at = view.locate(index, position);
    if (before === undefined || at < 0) continue;
    if (expectation.isMet(before, index.flagsAt(at))) {
      view.noteTold(view.uidAt(position), index.modSeqAt(at));
    }
  }
}

/** Says the new flags. */
async function tellFlags(
  context: SessionContext,
  view: FolderView,
  positions: readonly number[],
  withUid: boolean,
): Promise<void> {
  for (let from = 0; from < positions.length; from += TOLD_BATCH) {
    if (from > 0 && !(await context.breathe())) return;
    context.reportKeywords();
    const { index } = view.folder;
    for (const position of positions.slice(from, from + TOLD_BATCH)) {
      const at = view.locate(index, position);
      if (at < 0) continue;
      const uid = view.uidAt(position);
      view.noteTold(uid, index.modSeqAt(at));
      const sequence = (position + 1) as SequenceNumber;
      writeFlags(context.writer, view, sequence, uid, index.flagsAt(at), withUid);
    }
  }
}
