/** The sort in steps against the platform's own. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sortSteps } from './merge-sort.ts';
import { finishSteps } from './steps.ts';

describe('sortSteps()', () => {
  it('sorts as the platform does, equals in their old order', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 9 })), (values) => {
        const compare = (left: number, right: number): number => values[left]! - values[right]!;
        const expected = values.map((_, at) => at).toSorted(compare);
        expect([...finishSteps(sortSteps(values.length, compare))]).toEqual(expected);
      }),
    );
  });

  it('pauses between a few thousand comparisons', () => {
    let comparisonCount = 0;
    let mostBetween = 0;
    const steps = sortSteps(100_000, (left, right) => {
      comparisonCount += 1;
      return ((left * 7919) % 100_003) - ((right * 7919) % 100_003);
    });
    for (let step = steps.next(); step.done !== true; step = steps.next()) {
      mostBetween = Math.max(mostBetween, comparisonCount);
      comparisonCount = 0;
    }
    expect(mostBetween).toBeGreaterThan(1_000);
    expect(mostBetween).toBeLessThan(20_000);
  });

  it('needs few comparisons where all is in order', () => {
    let comparisonCount = 0;
    const steps = sortSteps(10_000, (left, right) => {
      comparisonCount += 1;
      return left - right;
    });
    finishSteps(steps);
    expect(comparisonCount).toBeLessThan(10_000);
  });
});
