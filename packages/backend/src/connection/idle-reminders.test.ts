import { DeadlineWheel } from '@homeward/net';
import { FakeClock } from '@homeward/testkit';
import { describe, expect, it } from 'vitest';
import { createIdleReminders } from './idle-reminders.ts';

describe('createIdleReminders()', () => {
  it('reminds every two minutes, until it is told to stop', () => {
    const clock = new FakeClock();
    const remindRegularly = createIdleReminders(new DeadlineWheel(clock));
    const heard = [0, 0];
    const stop = remindRegularly(() => (heard[0] = (heard[0] ?? 0) + 1));
    remindRegularly(() => (heard[1] = (heard[1] ?? 0) + 1));
    clock.advance(110_000);
    expect(heard).toEqual([0, 0]);
    clock.advance(20_000);
    expect(heard).toEqual([1, 1]);
    stop();
    clock.advance(130_000);
    expect(heard).toEqual([1, 2]);
  });
});
