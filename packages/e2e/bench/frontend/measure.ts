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
export async function measureLoad(proxy: Proxy, load: Load): Promise<Measurement> {
  await using running = startLoad(proxy, load);
  await running.waitForLine(/^start$/, PATIENCE_MS);
  const beforeMs = readCpuMs(proxy.listPids());
  const [, text = ''] = await running.waitForLine(/^result (.*)$/, load.durationMs + PATIENCE_MS);
  const cpuMs = readCpuMs(proxy.listPids()) - beforeMs;
  const result = JSON.parse(text) as LoadResult;
  if (result.doneCount === 0) throw new Error(result.firstError ?? 'nothing was done');
  return { ...result, cpuMs };
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

function startLoad({ ports }: Proxy, load: Load): ReturnType<typeof startPinnedNode> {
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
  return startPinnedNode('load', LOAD_SCRIPT, [JSON.stringify(order)]);
}
