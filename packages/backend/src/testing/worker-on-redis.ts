/** One worker more of a test site, whose directory is in a Redis. */
import { createLogger, systemClock } from '@homeward/service';
import { BACKEND_LOG_EVENTS } from '../log-events.ts';
import { openBackEndWorker } from '../wiring.ts';
import type { BackEndWorker } from '../worker.ts';
import type { TestSite } from './test-site.ts';

export interface WorkerOnRedis {
  readonly worker: BackEndWorker;
  readonly imapsPort: number;
  /** What it has logged up to now, a line each. */
  readonly lines: readonly string[];
}

/** The caller closes the worker. */
export async function openWorkerOnRedis(
  { config, metrics }: TestSite,
  { url, keyPrefix }: { readonly url: string; readonly keyPrefix: string },
): Promise<WorkerOnRedis> {
  const lines: string[] = [];
  const log = createLogger({
    service: 'backend',
    level: 'info',
    format: 'json',
    events: BACKEND_LOG_EVENTS,
    clock: systemClock,
    write: (line) => lines.push(line),
  });
  const onRedis = { ...config, directory: { driver: 'redis', url, keyPrefix } } as const;
  const worker = await openBackEndWorker(onRedis, 0, { clock: systemClock, log, metrics });
  const imapsPort = worker.addresses.find(({ name }) => name === 'imaps')?.address.port ?? 0;
  return { worker, imapsPort, lines };
}
