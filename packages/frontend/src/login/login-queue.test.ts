import { FakeClock } from '@homeward/testkit';
import { expect, it } from 'vitest';
import { FRONT_END_BUSY, LoginQueue } from './login-queue.ts';

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Steps that end when told to, and what became of each. */
function createSteps(queue: LoginQueue) {
  const begun: number[] = [];
  const ended: (number | string)[] = [];
  const deadlines: string[] = [];
  const finish = new Map<number, () => void>();
  const start = (number: number): void => {
    const deadline = {
      pause: () => void deadlines.push(`pause ${number}`),
      resume: () => void deadlines.push(`resume ${number}`),
    };
    const step = (): Promise<number> => {
      begun.push(number);
      return new Promise((resolve) => finish.set(number, () => resolve(number)));
    };
    void queue.run(deadline, step).then((result) => {
      ended.push(typeof result === 'number' ? result : result.reason);
    });
  };
  return { begun, ended, deadlines, start, end: (number: number) => finish.get(number)?.() };
}

it('LoginQueue runs so many at once, the others in order, outside of their deadlines', async () => {
  const queue = new LoginQueue(new FakeClock(), { atOnce: 2, holdMs: 9_000, waitMs: 1_000 });
  const { begun, ended, deadlines, start, end } = createSteps(queue);
  for (const number of [1, 2, 3, 4]) start(number);
  expect(begun).toEqual([1, 2]);
  expect(queue.waitingCount).toBe(2);
  end(2);
  await settle();
  expect(begun).toEqual([1, 2, 3]);
  start(5);
  end(1);
  end(3);
  await settle();
  expect(begun).toEqual([1, 2, 3, 4, 5]);
  for (const number of [4, 5]) end(number);
  await settle();
  expect(ended).toEqual([2, 1, 3, 4, 5]);
  expect(deadlines).toEqual(['pause 3', 'pause 4', 'resume 3', 'pause 5', 'resume 4', 'resume 5']);
  start(6);
  expect(begun.at(-1)).toBe(6);
});

it('LoginQueue tells at once who would have to wait too long', async () => {
  const clock = new FakeClock();
  const queue = new LoginQueue(clock, { atOnce: 1, holdMs: 9_000, waitMs: 250 });
  const { begun, ended, start, end } = createSteps(queue);
  start(1);
  clock.advance(1_000);
  end(1);
  await settle();
  // A step takes 100 ms by now: two may wait, the third may not.
  for (const number of [2, 3, 4, 5]) start(number);
  await settle();
  expect(begun).toEqual([1, 2]);
  expect(ended).toEqual([1, FRONT_END_BUSY.reason]);
});

it('LoginQueue gives the place back when a step fails', async () => {
  const queue = new LoginQueue(new FakeClock(), { atOnce: 1, holdMs: 9_000, waitMs: 1_000 });
  const deadline = { pause: () => undefined, resume: () => undefined };
  await expect(queue.run(deadline, () => Promise.reject(new Error('bug')))).rejects.toThrow('bug');
  expect(await queue.run(deadline, async () => 'next')).toBe('next');
});

it('LoginQueue gives the place of a step that hangs to the next one', async () => {
  const clock = new FakeClock();
  const queue = new LoginQueue(clock, { atOnce: 1, holdMs: 1_000, waitMs: 5_000 });
  const { begun, ended, start, end } = createSteps(queue);
  for (const number of [1, 2]) start(number);
  await clock.advanceAsync(999);
  expect(begun).toEqual([1]);
  await clock.advanceAsync(1);
  expect(begun).toEqual([1, 2]);
  // Its end frees no second place.
  end(1);
  await settle();
  start(3);
  expect(begun).toEqual([1, 2]);
  end(2);
  await settle();
  expect(begun).toEqual([1, 2, 3]);
  end(3);
  await settle();
  expect(ended).toEqual([1, 2, 3]);
  expect(clock.timerCount).toBe(0);
});
