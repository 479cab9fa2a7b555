import { FakeClock } from '@homeward/testkit';
import { describe, expect, test } from 'vitest';
import { AfterPeak } from './after-peak.ts';

/** @returns After how many looks it collected, for the counts that it saw. */
function looksThatCollect(counts: readonly number[]): readonly number[] {
  const clock = new FakeClock();
  let count = 0;
  let look = 0;
  const collected: number[] = [];
  const watch = new AfterPeak({ clock, count: () => count, collect: () => collected.push(look) });
  for (count of counts) {
    look += 1;
    clock.advance(10_000);
  }
  watch.close();
  clock.advance(100_000);
  expect(look).toBe(counts.length);
  return collected;
}

describe('AfterPeak', () => {
  test.each<[string, readonly number[], readonly number[]]>([
    ['once when it is over and quiet', [2_000, 2_000, 10, 10, 10, 10], [4]],
    ['not while they are still leaving', [2_000, 900, 500, 200, 10, 10], [6]],
    ['when half of them are gone', [2_000, 1_000, 1_000, 1_000, 1_000], [3]],
    ['not for fewer', [2_000, 1_001, 1_001], []],
    ['not for a few', [499, 0, 0], []],
    ['after each peak', [600, 0, 0, 0, 600, 0, 0, 0], [3, 7]],
    ['not for connections that stay', [5_000, 5_000, 5_000], []],
  ])('collects %s', (_case, counts, expected) => {
    expect(looksThatCollect(counts)).toEqual(expected);
  });
});
