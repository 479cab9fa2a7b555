import { FakeClock } from '@homeward/testkit';
import { expect, test } from 'vitest';
import { systemClock, systemRandomness, waitFor } from './clock.ts';

test('systemClock runs a task once, and not one that was cancelled', async () => {
  const ran: string[] = [];
  const cancel = systemClock.after(1, () => ran.push('cancelled'));
  cancel();
  cancel();
  const before = systemClock.elapsedMs();
  await new Promise<void>((resolve) => {
    systemClock.after(5, resolve, { keepsProcess: true });
  });
  expect(systemClock.elapsedMs() - before).toBeGreaterThan(3);
  expect(ran).toEqual([]);
  expect(systemClock.nowMs()).toBeGreaterThan(1.7e12);
});

test('systemRandomness gives as many octets as asked for, never the same', () => {
  expect(systemRandomness.bytes(16)).toHaveLength(16);
  expect(systemRandomness.bytes(16)).not.toEqual(systemRandomness.bytes(16));
});

test('waitFor() settles when the time has passed, or at once on abort', async () => {
  const clock = new FakeClock();
  const waiting = waitFor(clock, 1_000);
  clock.advance(1_000);
  await waiting;
  const controller = new AbortController();
  const aborted = waitFor(clock, 1_000, controller.signal);
  controller.abort();
  await aborted;
  await waitFor(clock, 1_000, controller.signal);
  expect(clock.timerCount).toBe(0);
});
