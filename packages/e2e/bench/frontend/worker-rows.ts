/**
 * Two workers beside one. How many logins a second they take can be told only where they, and
 * what loads them, each have processors of their own; what a login costs in processor time, also
 * on a smaller machine, where the load generators run between them.
 */
import { availableParallelism } from 'node:os';
import type { Figure, Figures, FrontEndRow } from './front-end-row.ts';
import type { FrontEndSize } from './front-end-options.ts';
import { type Load, type Measurement, measureLoads } from './measure.ts';
import type { Proxy } from './proxies/proxy.ts';

/** Two for the workers, and as many for those who load them, the home and Redis. */
const PROCESSORS_WANTED = 4;
const LOAD_COUNT = 2;
const LOAD: Pick<Load, 'kind' | 'tls' | 'connectionCount'> = {
  kind: 'login',
  tls: true,
  connectionCount: 32,
};

export const WORKER_ROWS: readonly FrontEndRow[] = [createRow(1), createRow(2)];

function createRow(workers: number): FrontEndRow {
  const who = workers === 1 ? '1 worker' : `${workers} workers`;
  const figure = (id: string, title: string, goal?: Figure['goal']): Figure => ({
    id: `${id}-${workers}`,
    title: () => `${title}, TLS, ${who}`,
    decimals: 0,
    best: 'high',
    goal,
  });
  const timesOne = (id: string, times: number): Figure['goal'] =>
    workers === 1 ? undefined : { kind: 'of-figure', id: `${id}-1`, times };
  return {
    isOnce: true,
    workers,
    figures: [
      figure('worker-rate', 'logins/s', timesOne('worker-rate', 1.8)),
      figure('worker-cpu', 'logins per s of CPU', timesOne('worker-cpu', 0.9)),
      { ...figure('worker-load', '% of all processors for the load'), best: 'low' },
    ],
    measure: (proxy, size) => measureWorkers(proxy, size, workers),
  };
}

/** The rate only where nobody has to share a processor with who loads it. */
async function measureWorkers(
  proxy: Proxy,
  { loadMs, warmUpMs }: FrontEndSize,
  workers: number,
): Promise<Figures> {
  const processors = availableParallelism();
  const measure = (durationMs: number): Promise<Measurement> =>
    measureLoads(proxy, { ...LOAD, durationMs }, LOAD_COUNT, Math.max(1, processors - workers));
  await measure(warmUpMs);
  const { doneCount, seconds, cpuMs, loadCpuMs, errorCount, firstError } = await measure(loadMs);
  if (errorCount > 0) throw new Error(`${errorCount} errors, the first: ${firstError}`);
  return {
    ...(processors >= PROCESSORS_WANTED && { [`worker-rate-${workers}`]: doneCount / seconds }),
    [`worker-cpu-${workers}`]: doneCount / (cpuMs / 1000),
    [`worker-load-${workers}`]: (100 * loadCpuMs) / (1000 * seconds * processors),
  };
}

/** What `npm run bench` has to say of a machine that is too small for a figure. */
export function tellOfProcessors(figureIds: readonly string[]): string | undefined {
  const processors = availableParallelism();
  const some = figureIds.filter((id) => id.startsWith('worker-rate-'));
  if (some.length === 0 || processors >= PROCESSORS_WANTED) return undefined;
  return (
    `${some.join(', ')}: not measured, since that wants ${PROCESSORS_WANTED} processors and ` +
    `there are ${processors}; the load takes part of those that the workers have`
  );
}
