import { FakeClock } from '@homeward/testkit';
import { beforeEach, describe, expect, it } from 'vitest';
import { spreadEnds, type SpreadEnds } from './spread-ends.ts';

let clock: FakeClock;
let ended: number[];
beforeEach(() => {
  clock = new FakeClock();
  ended = [];
});

function spread(count: number, windowMs: number): SpreadEnds {
  const sessions = Array.from({ length: count }, (_, index) => index);
  const end = (index: number): void => void ended.push(index);
  // An order of chance that the test knows.
  return spreadEnds({ sessions, end, windowMs, clock, random: () => 0 });
}

describe('spreadEnds()', () => {
  it('ends even shares over the window, all by its end, each once', async () => {
    const { done } = spread(100, 10_000);
    const counts: number[] = [];
    for (let second = 0; second < 10; second += 1) {
      clock.advance(1_000);
      counts.push(ended.length);
    }
    for (const [second, count] of counts.entries()) {
      expect(Math.abs(count - (second + 1) * 10)).toBeLessThan(4);
    }
    await done;
    expect(ended.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, at) => at));
    expect(clock.timerCount).toBe(0);
  });

  it('ends them in another order than they came', () => {
    spread(20, 0);
    expect(ended).toHaveLength(20);
    expect(ended).not.toEqual(ended.toSorted((a, b) => a - b));
    expect(ended).not.toEqual(ended.toSorted((a, b) => b - a));
  });

  it('ends all at once without a window, and settles when there is nobody', async () => {
    await spread(3, 0).done;
    expect(ended).toHaveLength(3);
    await spread(0, 60_000).done;
    expect(clock.timerCount).toBe(0);
  });

  it('lets those go on who were not told when it is cancelled', async () => {
    const { done, cancel } = spread(100, 10_000);
    clock.advance(2_000);
    const count = ended.length;
    cancel();
    await done;
    clock.advance(60_000);
    expect(ended).toHaveLength(count);
    expect(clock.timerCount).toBe(0);
  });
});
