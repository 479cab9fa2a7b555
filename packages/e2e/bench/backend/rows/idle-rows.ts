/** What sessions that wait cost, and how soon they hear of new mail. */
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type BenchRow,
  logIn,
  logInMain,
  messageAt,
  OTHER_ACCOUNT,
  quantile,
  type RowContext,
  type Sample,
} from '../bench-row.ts';
import { getAccount } from '../mail-server.ts';
import { readPrivateBytes } from '../process-cost.ts';

/** For memory to come to rest. */
const SETTLE_MS = 2_000;

/** Less than this is no measurement: a connection's own buffers are more. */
const LEAST_SESSION_BYTES = 1024;

export const IDLE_ROWS: readonly BenchRow[] = [
  {
    id: 'idle',
    title: () => 'IDLE: from APPEND sent to EXISTS in another session, p99',
    unit: 'ms',
    goal: { kind: 'at-most', value: 10 },
    isOnce: true,
    measure: measureLatency,
  },
  {
    id: 'memory',
    title: ({ folderCount }) => `private memory of an idle session, ${folderCount} selected`,
    unit: 'KB',
    goal: { kind: 'at-most', value: 60 },
    isOnce: true,
    measure: measureMemory,
  },
];

async function measureLatency({ server, corpus, size }: RowContext): Promise<Sample> {
  const account = getAccount(server, OTHER_ACCOUNT);
  await using idler = await logIn(account);
  await using writer = await logIn(account);
  await idler.expectOk('SELECT INBOX');
  await idler.idle();
  const latencies: number[] = [];
  for (let round = 0; round < size.idleSampleCount; round += 1) {
    await sleep(20);
    const told = new Promise<number>((resolve) => {
      idler.onLine = (line) => {
        if (line.endsWith(' EXISTS')) resolve(performance.now());
      };
    });
    const startedMs = performance.now();
    const [toldMs] = await Promise.all([told, writer.append('INBOX', messageAt(corpus, round))]);
    latencies.push(toldMs - startedMs);
  }
  const note = `p50 ${quantile(latencies, 0.5).toFixed(1)} ms of ${latencies.length}`;
  return { value: quantile(latencies, 0.99), note };
}

/**
 * From a quarter of the sessions on, since a heap that is collected has room for the first ones.
 * All are in IDLE, as mail programs that wait are.
 */
async function measureMemory(context: RowContext): Promise<Sample> {
  const { server, size } = context;
  await using stack = new AsyncDisposableStack();
  const open = async (count: number): Promise<number> => {
    for (let opened = 0; opened < count; opened += 1) {
      const load = stack.use(await logInMain(context));
      await load.expectOk('SELECT big');
      await load.idle();
    }
    await sleep(SETTLE_MS);
    await server.throwAway?.();
    return readPrivateBytes(server.listPids());
  };
  const earlyCount = Math.ceil(size.idleSessionCount / 4);
  const lateCount = size.idleSessionCount - earlyCount;
  const earlyBytes = await open(earlyCount);
  const grownBytes = (await open(lateCount)) - earlyBytes;
  if (grownBytes < lateCount * LEAST_SESSION_BYTES) {
    throw new Error('not measurable: the processes gave memory back meanwhile; run it once more');
  }
  const note = `${lateCount} sessions beside ${earlyCount}`;
  return { value: grownBytes / 1024 / lateCount, note };
}
