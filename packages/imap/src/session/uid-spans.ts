/** Sets of UIDs as spans, for VANISHED (RFC 7162 §3.2.10): many of them in little room. */
import type { NumberSpan } from '../grammar/number-set.ts';

/** Spans in one line: clients have line buffers, and none of them need be large. */
const LINE_SPANS = 500;

/** @param ascending Each once. */
export function spansOf(ascending: ArrayLike<number>): NumberSpan[] {
  const spans: NumberSpan[] = [];
  let at = 0;
  while (at < ascending.length) {
    const low = ascending[at] ?? 0;
    let high = low;
    for (at += 1; ascending[at] === high + 1; at += 1) high += 1;
    spans.push({ low, high });
  }
  return spans;
}

/** Writes spans as sets of bounded length; none for none. */
export function formatSpans(spans: readonly NumberSpan[]): string[] {
  const sets: string[] = [];
  for (let from = 0; from < spans.length; from += LINE_SPANS) {
    const words = spans
      .slice(from, from + LINE_SPANS)
      .map(({ low, high }) => (low === high ? `${low}` : `${low}:${high}`));
    sets.push(words.join(','));
  }
  return sets;
}

/**
 * What is in the spans, and is none of the numbers.
 *
 * @param spans Ascending, not overlapping.
 * @param present Ascending.
 */
export function withoutNumbers(
  spans: readonly NumberSpan[],
  present: Iterable<number>,
): NumberSpan[] {
  const left: NumberSpan[] = [];
  const numbers = present[Symbol.iterator]();
  let next = numbers.next();
  for (const { low, high } of spans) {
    let from = low;
    while (next.done !== true && next.value < low) next = numbers.next();
    while (next.done !== true && next.value <= high) {
      if (next.value > from) left.push({ low: from, high: next.value - 1 });
      from = next.value + 1;
      next = numbers.next();
    }
    if (from <= high) left.push({ low: from, high });
  }
  return left;
}
