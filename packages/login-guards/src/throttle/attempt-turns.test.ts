import { FakeClock } from '@homeward/testkit';
import { expect, it } from 'vitest';
import { AttemptTurns } from './attempt-turns.ts';

const stays = (): Promise<void> => new Promise(() => undefined);
const LIMITS = { atOnce: 1, waitingPerKey: 2, waitingTotal: 3 };

it('AttemptTurns gives the places of a key in order, and those of others beside', async () => {
  const turns = new AttemptTurns(new FakeClock(), LIMITS);
  const first = await turns.take('a', 1_000, stays);
  const [second, third, full] = [1, 2, 3].map(() => turns.take('a', 1_000, stays));
  expect(await full).toBeUndefined();
  expect((await turns.take('b', 1_000, stays))?.hasWaited).toBe(false);
  first?.leave();
  first?.leave();
  const next = await second;
  expect(next?.hasWaited).toBe(true);
  expect(await Promise.race([third, Promise.resolve('waits')])).toBe('waits');
  next?.leave();
  (await third)?.leave();
  expect((await turns.take('a', 1_000, stays))?.hasWaited).toBe(false);
});

it('AttemptTurns lets nobody wait for longer than he may, and passes him over then', async () => {
  const clock = new FakeClock();
  const turns = new AttemptTurns(clock, LIMITS);
  const first = await turns.take('a', 1_000, stays);
  const late = turns.take('a', 1_000, stays);
  const patient = turns.take('a', 2_000, stays);
  clock.advance(1_000);
  expect(await late).toBeUndefined();
  first?.leave();
  expect((await patient)?.hasWaited).toBe(true);
});

it('AttemptTurns passes over who has gone', async () => {
  const clock = new FakeClock();
  const turns = new AttemptTurns(clock, LIMITS);
  const first = await turns.take('a', 1_000, stays);
  const gone = turns.take('a', 1_000, () => Promise.resolve());
  const next = turns.take('a', 1_000, stays);
  expect(await gone).toBeUndefined();
  first?.leave();
  expect((await next)?.hasWaited).toBe(true);
  expect(clock.timerCount).toBe(0);
});
