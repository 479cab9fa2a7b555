import { describe, expect, test } from 'vitest';
import { type DeadlineEntry, DeadlineWheel } from './deadline-wheel.ts';
import { ManualClock } from './testing/manual-clock.ts';

class Entry implements DeadlineEntry {
  deadlineSlot = 0;
  readonly firedAtMs: number[] = [];
  moreMs: number | undefined;
  onDeadline(nowMs: number): number | undefined {
    this.firedAtMs.push(nowMs);
    const moreMs = this.moreMs;
    this.moreMs = undefined;
    return moreMs;
  }
}

function setUp(): { clock: ManualClock; wheel: DeadlineWheel } {
  const clock = new ManualClock();
  return { clock, wheel: new DeadlineWheel(clock) };
}

describe('DeadlineWheel', () => {
  test.each([1, 499, 500, 501, 29_999, 60_000, 60_001, 1_800_000])(
    'fires a limit of %i ms never early and at most its grain late',
    (limitMs) => {
      const { clock, wheel } = setUp();
      const entry = new Entry();
      wheel.add(entry, limitMs);
      clock.advance(limitMs * 2 + 10_000);
      const lateMs = (entry.firedAtMs[0] ?? NaN) - 1_000 - limitMs;
      expect(lateMs).toBeGreaterThanOrEqual(0);
      expect(lateMs).toBeLessThanOrEqual(limitMs > 60_000 ? 5_500 : 1_000);
    },
  );

  test('lets an entry go that asks for nothing more', () => {
    const { clock, wheel } = setUp();
    const entry = new Entry();
    wheel.add(entry, 1_000);
    clock.advance(100_000);
    expect(entry.firedAtMs).toHaveLength(1);
    expect(clock.timerCount).toBe(0);
  });

  test('asks again after the time that an active entry asks for', () => {
    const { clock, wheel } = setUp();
    const entry = new Entry();
    entry.moreMs = 5_000;
    wheel.add(entry, 1_000);
    clock.advance(4_000);
    expect(entry.firedAtMs).toHaveLength(1);
    clock.advance(4_000);
    expect(entry.firedAtMs).toHaveLength(2);
  });

  test('does not fire what was removed', () => {
    const { clock, wheel } = setUp();
    const entry = new Entry();
    wheel.add(entry, 1_000);
    wheel.remove(entry);
    wheel.remove(entry);
    clock.advance(100_000);
    expect(entry.firedAtMs).toEqual([]);
  });

  test('fires an earlier deadline that was added later', () => {
    const { clock, wheel } = setUp();
    const [late, early] = [new Entry(), new Entry()];
    wheel.add(late, 50_000);
    wheel.add(early, 1_000);
    clock.advance(3_000);
    expect(early.firedAtMs).toHaveLength(1);
    expect(late.firedAtMs).toHaveLength(0);
    clock.advance(60_000);
    expect(late.firedAtMs).toHaveLength(1);
  });

  test('needs one timer for any number of entries', () => {
    const { clock, wheel } = setUp();
    for (let index = 0; index < 1_000; index++) wheel.add(new Entry(), 1_000 + index * 100);
    expect(clock.timerCount).toBe(1);
  });
});
