/**
 * From the numbers in a command to positions in the session's view (RFC 3501 §9 sequence-set,
 * RFC 4315 §4): which messages does the client mean?
 */
import type { Numbering } from '../grammar/command.ts';
import { type NumberSet, SAVED_RESULT, normalizeNumberSet } from '../grammar/number-set.ts';
import type { Uid } from '../ids.ts';
import type { FolderView } from './folder-view.ts';

/** Ascending positions in the view, or undefined if a sequence number is out of range. */
export type ResolvedMessages = readonly number[] | undefined;

/**
 * Finds the messages that a set names; each once, ascending.
 *
 * A UID that is not there names nothing. A sequence number beyond the last message is an error
 * (RFC 3501 §9 seq-number); but `1:*` in an empty folder is what every client sends first, and
 * names nothing, and so does the part of `500:*` that lies beyond the end.
 */
export function resolveMessages(
  view: FolderView,
  set: NumberSet,
  numbering: Numbering,
): ResolvedMessages {
  if (set === SAVED_RESULT) return resolveSaved(view);
  return numbering === 'uid' ? resolveUids(view, set) : resolveSequence(view, set);
}

/** "$" (RFC 5182 §2.1): what was found then and is still in the view. */
function resolveSaved(view: FolderView): readonly number[] {
  const positions: number[] = [];
  for (const uid of view.savedUids) {
    const position = view.positionOf(uid as Uid);
    if (position >= 0) positions.push(position);
  }
  return positions;
}

function resolveUids(view: FolderView, set: NumberSet): readonly number[] {
  const positions: number[] = [];
  if (view.messageCount === 0) return positions;
  for (const { low, high } of normalizeNumberSet(set, view.lastUid)) {
    const end = view.lowerBound(high + 1);
    for (let position = view.lowerBound(low); position < end; position += 1) {
      positions.push(position);
    }
  }
  return positions;
}

function resolveSequence(view: FolderView, set: NumberSet): ResolvedMessages {
  const count = view.messageCount;
  const isOutOfRange = set.some(
    ({ first, last }) => first !== undefined && last !== undefined && Math.max(first, last) > count,
  );
  if (isOutOfRange) return undefined;
  const positions: number[] = [];
  for (const { low, high } of normalizeNumberSet(set, count)) {
    for (let number = low; number <= Math.min(high, count); number += 1) {
      positions.push(number - 1);
    }
  }
  return positions;
}
