/**
 * Sequence sets and UID sets (RFC 3501 §9 sequence-set): how they are written, and what they
 * mean once "*" is known. Reading them is the argument decoder's.
 */

/** A range as sent; `undefined` stands for "*". Ends may come in either order. */
export interface NumberRange {
  readonly first: number | undefined;
  readonly last: number | undefined;
}

/** At least one range; each number is 1 to 2^32-1. Or `SAVED_RESULT`. */
export type NumberSet = readonly NumberRange[];

/** "$": what the last SEARCH with SAVE found (RFC 5182 §2.1). Compared by identity. */
export const SAVED_RESULT: NumberSet = Object.freeze([]);

/** Both ends included, `low` at most `high`, "*" replaced. */
export interface NumberSpan {
  readonly low: number;
  readonly high: number;
}

/** @returns how many numbers a set without "*" names, doubles counted. */
export function countNumbers(set: NumberSet): number {
  return set.reduce((sum, { first = 0, last = 0 }) => sum + Math.abs(last - first) + 1, 0);
}

/** Writes a set as a client or a test would. */
export function formatSequenceSet(set: NumberSet): string {
  if (set === SAVED_RESULT) return '$';
  return set.map(formatRange).join(',');
}

function formatRange(range: NumberRange): string {
  const first = range.first ?? '*';
  const last = range.last ?? '*';
  return first === last ? `${first}` : `${first}:${last}`;
}

/**
 * Writes ascending numbers as a set, runs as ranges: `1:3,7` for COPYUID, SEARCH's ESEARCH
 * form and VANISHED. Empty for no numbers, which no grammar takes: callers check.
 */
export function formatNumberSet(ascending: ArrayLike<number>): string {
  let text = '';
  let at = 0;
  while (at < ascending.length) {
    const first = ascending[at] ?? 0;
    let last = first;
    at += 1;
    while (ascending[at] === last + 1) {
      last += 1;
      at += 1;
    }
    const separator = text === '' ? '' : ',';
    text += first === last ? `${separator}${first}` : `${separator}${first}:${last}`;
  }
  return text;
}

/**
 * What a set means: spans in ascending order that neither overlap nor touch.
 *
 * @param highest What "*" stands for: the number of messages, or the highest UID; with 0
 *   (empty folder) "*" stands for nothing and a range with it keeps its other end alone.
 */
export function normalizeNumberSet(set: NumberSet, highest: number): readonly NumberSpan[] {
  const spans = set
    .map((range) => spanOf(range, highest))
    .filter((span) => span.low > 0)
    .sort((left, right) => left.low - right.low);
  const merged: { low: number; high: number }[] = [];
  for (const span of spans) {
    const before = merged.at(-1);
    if (before !== undefined && span.low <= before.high + 1) {
      before.high = Math.max(before.high, span.high);
    } else {
      merged.push({ low: span.low, high: span.high });
    }
  }
  return merged;
}

/** The ends of one range in order; `low` is 0 where the range names nothing. */
function spanOf(range: NumberRange, highest: number): NumberSpan {
  const star = highest > 0 ? highest : undefined;
  const first = range.first ?? star ?? range.last ?? 0;
  const last = range.last ?? star ?? range.first ?? 0;
  return first <= last ? { low: first, high: last } : { low: last, high: first };
}

/** @returns Whether `number` lies in one of the spans; a binary search. */
export function spansContain(spans: readonly NumberSpan[], number: number): boolean {
  let from = 0;
  let to = spans.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    const span = spans[middle];
    if (span === undefined || number < span.low) to = middle;
    else if (number > span.high) from = middle + 1;
    else return true;
  }
  return false;
}
