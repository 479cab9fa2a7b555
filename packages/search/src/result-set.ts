/**
 * What an ESEARCH response says about the results of SEARCH and SORT: MIN, MAX, COUNT, ALL
 * (RFC 4731 §3.1, RFC 9051 §7.3.4), PARTIAL (RFC 9394 §3.1), and the same of results in a
 * requested order (RFC 5267 §3). Results are numbers, sequence numbers or UIDs alike, in that
 * order: ascending for SEARCH.
 */

/** Both positive, counted from the first result, or both negative, from the last: as sent. */
export interface PartialRange {
  readonly first: number;
  readonly last: number;
}

/** The result options of one command; an empty list of them means ALL, SAVE alone none. */
export interface ResultOptions {
  readonly min: boolean;
  readonly max: boolean;
  readonly count: boolean;
  /** Never together with `partial` (RFC 9394 §3.1). */
  readonly all: boolean;
  readonly partial: PartialRange | undefined;
}

/** Results by their place: from `start`, without `end`. Never empty. */
export interface ResultSlice {
  readonly start: number;
  readonly end: number;
}

/** @returns the results a range means, or undefined if there are none of them. */
export function sliceOfPartial(range: PartialRange, resultCount: number): ResultSlice | undefined {
  const low = Math.min(Math.abs(range.first), Math.abs(range.last));
  const high = Math.min(Math.max(Math.abs(range.first), Math.abs(range.last)), resultCount);
  if (low > high) return undefined;
  return range.first > 0
    ? { start: low - 1, end: high }
    : { start: resultCount - high, end: resultCount - low + 1 };
}

/**
 * The results that the answer is about: what SAVE keeps (RFC 5182 §2.4, RFC 9394 §3.2), and
 * whose highest mod-sequence a MODSEQ item gives (RFC 4731 §3.2).
 *
 * @returns slices in ascending order that do not overlap.
 */
export function selectNamedResults(
  { min, max, count, all, partial }: ResultOptions,
  resultCount: number,
): readonly ResultSlice[] {
  if (resultCount === 0) return [];
  if (all || count || !(min || max || partial)) return [{ start: 0, end: resultCount }];
  const slices: ResultSlice[] = [];
  const add = (slice: ResultSlice | undefined): void => {
    const last = slices.at(-1);
    if (slice === undefined || (last !== undefined && slice.end <= last.end)) return;
    if (last === undefined || slice.start > last.end) slices.push(slice);
    else slices[slices.length - 1] = { start: last.start, end: slice.end };
  };
  if (min) add({ start: 0, end: 1 });
  add(partial && sliceOfPartial(partial, resultCount));
  if (max) add({ start: resultCount - 1, end: resultCount });
  return slices;
}

/**
 * Writes the items of an ESEARCH response, each with a space in front: ` MIN 2 COUNT 3`. MIN,
 * MAX and ALL are left out where there is no result (RFC 4731 §3.1).
 *
 * @param results In the requested order; must not change before the last piece was taken.
 * @returns pieces of a few kilobytes at most.
 */
export function* formatResults(
  results: ArrayLike<number>,
  { min, max, count, all, partial }: ResultOptions,
): Generator<string, void, undefined> {
  const { length } = results;
  let text = '';
  if (min && length > 0) text += ` MIN ${results[0]}`;
  if (max && length > 0) text += ` MAX ${results[length - 1]}`;
  if (count) text += ` COUNT ${length}`;
  if (text !== '') yield text;
  if (all && length > 0) {
    yield ' ALL ';
    yield* formatNumberList(results, { start: 0, end: length });
  }
  if (partial === undefined) return;
  yield ` PARTIAL (${partial.first}:${partial.last} `;
  const slice = sliceOfPartial(partial, length);
  if (slice === undefined) yield 'NIL';
  else yield* formatNumberList(results, slice);
  yield ')';
}

/** Characters of a piece, roughly. */
const PIECE_LENGTH = 4_096;

/**
 * Writes numbers in the order they have as a sequence-set, where one follows the other as a
 * range: `1:3,7`. So 5, 4, 3 is written as it stands (RFC 5267 §3.2).
 */
export function* formatNumberList(
  numbers: ArrayLike<number>,
  { start, end }: ResultSlice,
): Generator<string, void, undefined> {
  let text = '';
  for (let at = start; at < end;) {
    const first = numbers[at] as number;
    let last = first;
    for (at += 1; at < end && numbers[at] === last + 1; at += 1) last += 1;
    const separator = at === end ? '' : ',';
    text += first === last ? `${first}${separator}` : `${first}:${last}${separator}`;
    if (text.length < PIECE_LENGTH) continue;
    yield text;
    text = '';
  }
  if (text !== '') yield text;
}
