import { afterEach, expect, test } from 'vitest';
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

/** Starts jobs without waiting; tells the order in which they ended, and how. */
function startJobs(turns: string): { readonly done: Promise<unknown>; readonly ended: string[] } {
  const ended: string[] = [];
  const jobs = [...turns].map(async (turn, index) => {
    const result = await pool.run(JOB, undefined, { isUrgent: turn === 'U' });
    ended.push(`${turn}${index}${result === undefined ? ' refused' : ''}`);
  });
  return { done: Promise.all(jobs), ended };
}

test('HashPool takes urgent jobs before the others, each kind in its order', async () => {
  pool = new HashPool({ threadCount: 1, queueLimit: 10 });
  const { done, ended } = startJobs('s' + 'ssUUs');
  await done;
  expect(ended).toEqual(['s0', 'U3', 'U4', 's1', 's2', 's5']);
});

test('HashPool refuses others for the sake of urgent ones when it is full, the last first', async () => {
  pool = new HashPool({ threadCount: 1, queueLimit: 2 });
  const { done, ended } = startJobs('s' + 'ssUUU');
  await done;
  expect(ended.toSorted()).toEqual(['U3', 'U4', 'U5 refused', 's0', 's1 refused', 's2 refused']);
  expect(pool.load).toBe(0);
});
