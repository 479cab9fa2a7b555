/** One client that asks for very much, and how long somebody else's NOOP takes meanwhile. */
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import {
  type BenchRow,
  logIn,
  MAIN_ACCOUNT,
  OTHER_ACCOUNT,
  quantile,
  type RowContext,
  type Sample,
} from '../bench-row.ts';
import type { GreedyTask } from '../greedy-client.ts';
import { getAccount } from '../mail-server.ts';

const PAUSE_MS = 2;

export const GREEDY_ROWS: readonly BenchRow[] = [
  {
    id: 'greedy-fetch',
    title: ({ greedyBytes }) => `NOOP of others during a FETCH of ${greedyBytes / 1e6} MB, p99`,
    unit: 'ms',
    goal: { kind: 'at-most', value: 50 },
    isOnce: true,
    measure: (context) =>
      measureNoop(context, {
        folder: 'big',
        command: 'FETCH 1:* (BODY.PEEK[])',
        untilBytes: context.size.greedyBytes,
      }),
  },
  {
    id: 'greedy-search',
    title: ({ hugeCount }) => `NOOP of others during a SEARCH over ${hugeCount}, p99`,
    unit: 'ms',
    goal: { kind: 'at-most', value: 50 },
    isOnce: true,
    // The folder has few distinct messages; what is sought is in none of them.
    measure: (context) =>
      measureNoop(context, { folder: 'huge', command: 'SEARCH TEXT absent', untilBytes: 0 }),
  },
];

async function measureNoop({ server }: RowContext, task: GreedyTask): Promise<Sample> {
  await using other = await logIn(getAccount(server, OTHER_ACCOUNT));
  const account = getAccount(server, MAIN_ACCOUNT);
  // A thread of its own: what the client itself costs must not delay who measures.
  const greedy = new Worker(new URL('../greedy-client.ts', import.meta.url), {
    workerData: { account, task },
  });
  let isDone = false;
  const ended = new Promise<void>((resolve, reject) => {
    greedy.on('error', reject);
    greedy.on('exit', (code) => {
      isDone = true;
      if (code === 0) resolve();
      else reject(new Error(`the greedy client ended with ${code}`));
    });
  });
  await new Promise((resolve) => greedy.once('message', resolve));
  const startedMs = performance.now();
  const latencies: number[] = [];
  while (!isDone) {
    const sentMs = performance.now();
    await other.expectOk('NOOP');
    latencies.push(performance.now() - sentMs);
    await sleep(PAUSE_MS);
  }
  await ended;
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  const most = Math.max(...latencies).toFixed(1);
  const note = `${latencies.length} in ${seconds} s, p50 ${quantile(latencies, 0.5).toFixed(2)}, most ${most} ms`;
  return { value: quantile(latencies, 0.99), note };
}
