/** One load on one proxy, and what it cost the proxy's processes. */
import { startPinnedNode } from './pinned-process.ts';
import { USER_COUNT, MESSAGE_BYTES } from './bench-world.ts';
import type { LoadOrder, LoadResult } from './load/load-kinds.ts';
import { readCpuMs, readPrivateBytes } from '../backend/process-cost.ts';
import type { Proxy } from './proxies/proxy.ts';

const LOAD_SCRIPT = new URL('load/load-main.ts', import.meta.url);
/** Beyond the time that the load is to last. */
const PATIENCE_MS = 60_000;

export interface Measurement extends LoadResult {
  /** Of the proxy's processes, from the moment when the load's connections were there. */
  readonly cpuMs: number;
}

/** What a load is, but for whom it meets. */
export type Load = Pick<LoadOrder, 'kind' | 'connectionCount' | 'durationMs'> &
  Partial<Pick<LoadOrder, 'protocol' | 'tls' | 'ratePerSecond' | 'localAddress'>>;

/** Connections that sit idle until they are let go. */
export interface IdleCrowd {
  /** Private memory of the proxy's processes with the crowd there. */
  readonly privateBytes: number;
  /** How many there are. Errors and lost ones are told at the end. */
  release(): Promise<LoadResult>;
}

/** Runs a load to its end. @throws if the load generator fails, or nothing came of the load. */
export function measureLoad(proxy: Proxy, load: Load): Promise<Measurement> {
  return measureLoads(proxy, load, 1);
}

/**
 * The same from several load generators at once, each with its own connections, on the last
 * `processorCount` processors. Latencies are the worst of them.
 */
export async function measureLoads(
  proxy: Proxy,
  load: Load,
  loadCount: number,
  processorCount: number = 1,
): Promise<Measurement> {
  await using stack = new AsyncDisposableStack();
  const loads = Array.from({ length: loadCount }, () =>
    stack.use(startLoad(proxy, load, processorCount)),
  );
  await Promise.all(loads.map((one) => one.waitForLine(/^start$/, PATIENCE_MS)));
  const beforeMs = readCpuMs(proxy.listPids());
  const results = await Promise.all(
    loads.map(async (one) => {
      const waitMs = load.durationMs + PATIENCE_MS;
      const [, text = ''] = await one.waitForLine(/^result (.*)$/, waitMs);
      return JSON.parse(text) as LoadResult;
    }),
  );
  const cpuMs = readCpuMs(proxy.listPids()) - beforeMs;
  const sum = (of: (one: LoadResult) => number): number =>
    results.reduce((total, one) => total + of(one), 0);
  const firstError = results.find((one) => one.firstError !== undefined)?.firstError;
  if (results.some(({ doneCount }) => doneCount === 0)) {
    throw new Error(firstError ?? 'nothing was done');
  }
  return {
    cpuMs,
    doneCount: sum(({ doneCount }) => doneCount),
    octets: sum(({ octets }) => octets),
    errorCount: sum(({ errorCount }) => errorCount),
    loadCpuMs: sum(({ loadCpuMs }) => loadCpuMs),
    firstError,
    seconds: Math.max(...results.map(({ seconds }) => seconds)),
    p50Ms: Math.max(...results.map(({ p50Ms }) => p50Ms)),
    p99Ms: Math.max(...results.map(({ p99Ms }) => p99Ms)),
  };
}

/** Opens connections that sit in IDLE; release them. */
export async function holdIdle(proxy: Proxy, connectionCount: number): Promise<IdleCrowd> {
  const running = startLoad(proxy, { kind: 'idle', connectionCount, durationMs: 0, tls: true });
  try {
    await running.waitForLine(/^start$/, PATIENCE_MS + connectionCount * 20);
    await settle();
  } catch (error) {
    await running.stop();
    throw error;
  }
  return {
    privateBytes: readPrivateBytes(proxy.listPids()),
    async release() {
      running.signal('SIGTERM');
      const [, text = ''] = await running.waitForLine(/^result (.*)$/, PATIENCE_MS);
      await running.stop();
      return JSON.parse(text) as LoadResult;
    },
  };
}

/** Until what the last load left behind is done. */
export function settle(delayMs: number = 1_000): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}

function startLoad(
  { ports }: Proxy,
  load: Load,
  processorCount: number = 1,
): ReturnType<typeof startPinnedNode> {
  const { protocol = 'imap', tls = false, ratePerSecond = 0 } = load;
  const order: LoadOrder = {
    ...load,
    protocol,
    tls,
    ratePerSecond,
    port: ports[tls ? (`${protocol}s` as const) : protocol],
    userCount: USER_COUNT,
    messageBytes: MESSAGE_BYTES,
  };
  return startPinnedNode('load', LOAD_SCRIPT, [JSON.stringify(order)], processorCount);
}
