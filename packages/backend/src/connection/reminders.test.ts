import { DeadlineWheel } from '@homeward/net';
import { FakeClock } from '@homeward/testkit';
import { describe, expect, it } from 'vitest';
import { createReminders } from './reminders.ts';

describe('createReminders()', () => {
  it('reminds at intervals, until it is told to stop', () => {
    const clock = new FakeClock();
    const remindRegularly = createReminders(new DeadlineWheel(clock));
    const heard = [0, 0];
    const stop = remindRegularly(120_000, () => (heard[0] = (heard[0] ?? 0) + 1));
    remindRegularly(120_000, () => (heard[1] = (heard[1] ?? 0) + 1));
    clock.advance(110_000);
    expect(heard).toEqual([0, 0]);
    clock.advance(20_000);
    expect(heard).toEqual([1, 1]);
    stop();
    clock.advance(130_000);
    expect(heard).toEqual([1, 2]);
  });
});
