import { afterEach, expect, test } from 'vitest';
import { systemClock, type Clock } from '../clock.ts';
import type { HashJob } from './hash-job.ts';
import { HashPool } from './hash-pool.ts';

const JOB: HashJob = {
  kind: 'verify',
  password: Buffer.from('x'),
  expected: {
    costs: { memoryKib: 8, passCount: 1, parallelism: 1 },
    salt: Buffer.alloc(16),
    hash: Buffer.alloc(32),
  },
};

let pool: HashPool;
afterEach(() => pool.close());

/** Known, clean, suspect. */
const RANKS: Readonly<Record<string, number>> = { U: 0, c: 1, s: 3 };

/** Starts jobs without waiting; tells the order in which they ended, and how. */
function startJobs(turns: string): { readonly done: Promise<unknown>; readonly ended: string[] } {
  const ended: string[] = [];
  const jobs = [...turns].map(async (turn, index) => {
    const result = await pool.run(JOB, undefined, { rank: RANKS[turn] ?? 3 });
    ended.push(`${turn}${index}${result === undefined ? ' refused' : ''}`);
  });
  return { done: Promise.all(jobs), ended };
}

test('HashPool takes jobs of a lower rank before the others, each rank in its order', async () => {
  pool = new HashPool({ threadCount: 1, queueLimit: 10, clock: systemClock });
  const { done, ended } = startJobs('s' + 'sscUUsc');
  await done;
  expect(ended).toEqual(['s0', 'U4', 'U5', 'c3', 'c7', 's1', 's2', 's6']);
});

test('HashPool refuses others for the sake of lower ranks when it is full, the last first', async () => {
  pool = new HashPool({ threadCount: 1, queueLimit: 2, clock: systemClock });
  const { done, ended } = startJobs('s' + 'ssUUU');
  await done;
  expect(ended.toSorted()).toEqual(['U3', 'U4', 'U5 refused', 's0', 's1 refused', 's2 refused']);
  expect(pool.load).toBe(0);
});

test('HashPool refuses who would have to wait too long, by how long jobs took of late', async () => {
  let nowMs = 0;
  // Each look at this clock is a second later: a job takes one.
  const clock: Pick<Clock, 'elapsedMs'> = { elapsedMs: () => (nowMs += 1_000) };
  pool = new HashPool({ threadCount: 1, queueLimit: 100, waitLimitMs: 300, clock });
  await pool.run(JOB);
  // The average is 100 ms by now.
  const { done, ended } = startJobs('ssssUU');
  await done;
  expect(ended.filter((one) => one.endsWith('refused'))).toEqual([]);
  await Promise.all(Array.from({ length: 3 }, () => pool.run(JOB)));
  const { done: again, ended: later } = startJobs('ssU');
  await again;
  expect(later.toSorted()).toEqual(['U2 refused', 's0', 's1 refused']);
});
