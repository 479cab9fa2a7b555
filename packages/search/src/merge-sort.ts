/**
 * A stable sort of numbers 0 to n-1 by any comparison, in steps: the platform's own sort cannot
 * be interrupted, and 100,000 comparisons by a callback take longer than others should wait.
 */
import type { Steps } from './steps.ts';

/** Negative: left first; positive: right first; zero: as they were. */
export type Compare = (left: number, right: number) => number;

/** Comparisons between two pauses. */
const STEP_COMPARISONS = 8_192;

/**
 * @param count How many things there are.
 * @param compare Compares two of them by number.
 * @returns The numbers in order; equal ones ascending.
 */
export function* sortSteps(count: number, compare: Compare): Steps<Int32Array> {
  let from = new Int32Array(count);
  let to = new Int32Array(count);
  for (let at = 0; at < count; at += 1) from[at] = at;
  let sinceStep = 0;
  for (let width = 1; width < count; width *= 2) {
    for (let start = 0; start < count; start += 2 * width) {
      const middle = Math.min(start + width, count);
      const end = Math.min(middle + width, count);
      // In order already, as mail by date mostly is: no comparison but this one.
      const isSorted =
        middle >= end || compare(from[middle - 1] as number, from[middle] as number) <= 0;
      if (isSorted) to.set(from.subarray(start, end), start);
      else {
        let left = start;
        let right = middle;
        for (let at = start; at < end; at += 1) {
          if (left < middle && right < end && (sinceStep += 1) >= STEP_COMPARISONS) {
            sinceStep = 0;
            yield;
          }
          const takesLeft =
            left < middle &&
            (right >= end || compare(from[left] as number, from[right] as number) <= 0);
          to[at] = from[takesLeft ? left++ : right++] as number;
        }
      }
      sinceStep += 4;
      if (sinceStep >= STEP_COMPARISONS) {
        sinceStep = 0;
        yield;
      }
    }
    [from, to] = [to, from];
  }
  return from;
}
