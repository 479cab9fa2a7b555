/**
 * SELECT (QRESYNC …): what changed since a client was here last, in one answer
 * (RFC 7162 §3.2.5.1, §3.2.5.2).
 */
import type { QresyncParameter } from '../grammar/command.ts';
import type { NumberSet } from '../grammar/number-set.ts';
import type { ModSeq } from '../ids.ts';
import type { FolderView } from './folder-view.ts';
import { writeUpdate } from './message-update.ts';
import { resolveMessages } from './message-set.ts';
import type { SessionContext } from './session-context.ts';
import { writeVanished } from './vanished.ts';

/** Messages between two pauses for others. */
const BATCH = 2_000;

/** Tells what vanished, then which flags changed; nothing if the UIDs mean something else now. */
export async function resynchronize(
  context: SessionContext,
  view: FolderView,
  { uidValidity, modSeq, knownUids, match }: QresyncParameter,
): Promise<void> {
  const { folder } = view;
  const since = modSeq as ModSeq;
  if (uidValidity !== folder.uidValidity || folder.index.uidNext === 1) return;
  const settledUid = match === undefined ? 0 : lastMatch(view, match);
  await writeVanished(context.writer, view, { known: knownUids, since, settledUid });
  if (since < folder.index.highestModSeq) await tellChanges(context, view, knownUids, since);
}

async function tellChanges(
  context: SessionContext,
  view: FolderView,
  knownUids: NumberSet | undefined,
  since: ModSeq,
): Promise<void> {
  const set = knownUids ?? [{ first: 1, last: undefined }];
  const positions = resolveMessages(view, set, 'uid') ?? [];
  for (let from = 0; from < positions.length; from += BATCH) {
    if (from > 0 && !(await context.breathe())) return;
    const { index } = view.folder;
    for (const position of positions.slice(from, from + BATCH)) {
      const indexPosition = view.locate(index, position);
      if (indexPosition < 0 || index.modSeqAt(indexPosition) <= since) continue;
      view.noteTold(view.uidAt(position), index.modSeqAt(indexPosition));
      const message = { position, index, indexPosition };
      writeUpdate(context, view, message, { withFlags: true, withUid: true });
    }
  }
}

/**
 * The last pair of the sample that is as it was: up to this UID the client knows what went.
 *
 * @returns 0 if none is.
 */
function lastMatch(
  view: FolderView,
  { sequences, uids }: NonNullable<QresyncParameter['match']>,
): number {
  let last = 0;
  const samples = numbersOf(uids);
  for (const sequence of numbersOf(sequences)) {
    const uid = samples.next().value;
    // Ascending, so that a set of a thousand million numbers costs no more than the folder.
    if (uid === undefined || sequence > view.messageCount) break;
    if (view.uidAt(sequence - 1) === uid) last = uid;
  }
  return last;
}

/** Ends where the set does not ascend, as the RFC has it (RFC 7162 §3.2.5.2). */
function* numbersOf(set: NumberSet): Generator<number, undefined> {
  let before = 0;
  for (const { first = 0, last = 0 } of set) {
    if (first <= before) return;
    for (let number = first; number <= last; number += 1) yield number;
    before = last;
  }
}
