/**
 * What SORT and THREAD need to know of messages, in batches: as it was worked out at arrival, or
 * worked out now for messages that are older than that.
 */
import { type SortFacts, makeSortFacts } from '@homeward/search';
import type { Uid } from '../../ids.ts';
import type { FolderView } from '../folder-view.ts';
import type { FactName } from '../ports.ts';
import type { SessionContext } from '../session-context.ts';

/** Messages between two pauses for others. */
const BATCH = 250;

const kept: ReadonlySet<FactName> = new Set(['sort-facts']);
const made: ReadonlySet<FactName> = new Set(['shape', 'header']);

/** A message with its facts: where it is in the view, its size and INTERNALDATE. */
export interface FactedMessage {
  readonly position: number;
  readonly sizeBytes: number;
  readonly internalDateMs: number;
  readonly facts: SortFacts | undefined;
}

/**
 * Gives each message that is still there to `take`, in order.
 *
 * @param needsFacts Whether `facts` are looked at.
 */
export async function readSortFacts(
  context: SessionContext,
  view: FolderView,
  positions: readonly number[],
  needsFacts: boolean,
  take: (message: FactedMessage) => void,
): Promise<void> {
  for (let from = 0; from < positions.length; from += BATCH) {
    const batch = positions.slice(from, from + BATCH);
    const facts = needsFacts ? await readBatch(view, batch) : undefined;
    for (const position of batch) {
      const { index } = view.folder;
      const at = view.locate(index, position);
      if (at < 0) continue;
      take({
        position,
        sizeBytes: index.sizeBytesAt(at),
        internalDateMs: index.internalDateAt(at).epochMs,
        facts: facts?.get(view.uidAt(position)),
      });
    }
    if (from + BATCH < positions.length && !(await context.breathe())) return;
  }
}

async function readBatch(
  view: FolderView,
  positions: readonly number[],
): Promise<ReadonlyMap<Uid, SortFacts>> {
  const { folder } = view;
  const uids = positions.map((position) => view.uidAt(position));
  const found = new Map<Uid, SortFacts>();
  for (const { uid, sortFacts } of await folder.readFacts(uids, kept)) {
    if (sortFacts !== undefined) found.set(uid, sortFacts);
  }
  const missing = uids.filter((uid) => !found.has(uid));
  if (missing.length === 0) return found;
  for (const { uid, shape, header } of await folder.readFacts(missing, made)) {
    if (shape !== undefined) found.set(uid, makeSortFacts(shape, header));
  }
  return found;
}
