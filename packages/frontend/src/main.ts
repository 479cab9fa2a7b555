/**
 * Runs a front end until it is told to stop: in this process, or as several workers under a
 * supervisor. What a worker process runs is `worker-main.ts`.
 */
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import {
  createLogger,
  openOpsServer,
  openWorkerLink,
  runService,
  startSupervisor,
  systemClock,
  type ExitCode,
  type Lifecycle,
  type OpsServerOptions,
  type StartedPart,
} from '@homeward/service';
import type { FrontEndConfig } from './config.ts';
import { ConversationCounters } from './conversation-counters.ts';
import type { FrontEndWorker, ListenAddress } from './front-end-worker.ts';
import { FRONT_END_LOG_EVENTS } from './log-events.ts';
import { StartError } from './start-error.ts';
import { openFrontEndWorker } from './wiring.ts';

export interface RunOptions {
  /** Called when clients can connect. */
  readonly onReady?: (addresses: readonly ListenAddress[]) => void;
}

const WORKER_MODULE = fileURLToPath(new URL('worker-main.ts', import.meta.url));
/** More than a worker takes to tell its clients and to cut those that do not listen. */
const STOP_LIMIT_MS = 15_000;
const CLOCK = systemClock;

/**
 * @param config Checked by `FRONT_END_CONFIG`.
 * @returns The exit code, when the service has stopped: on SIGTERM or SIGINT, or when it could
 *   not start. The log says why.
 */
export async function runFrontend(
  config: FrontEndConfig,
  options: RunOptions = {},
): Promise<ExitCode> {
  return config.workers === 1 ? runAlone(config, options) : runSupervised(config, options);
}

/** A worker process under the supervisor. */
export async function runFrontendWorker(config: FrontEndConfig, index: number): Promise<ExitCode> {
  const log = openLog(config, index);
  let lifecycle: Lifecycle | undefined;
  const link = openWorkerLink((mode, cause) => lifecycle?.requestStop(cause, mode));
  let worker: FrontEndWorker | undefined;
  const exitCode = await runService({
    log,
    clock: CLOCK,
    async start(starting) {
      lifecycle = starting;
      worker = await startWorker(config, log, starting, new ConversationCounters());
    },
    onReady: () => link.sendReady(worker?.addresses),
  });
  link.close();
  return exitCode;
}

async function runAlone(config: FrontEndConfig, { onReady }: RunOptions): Promise<ExitCode> {
  const log = openLog(config, undefined);
  const counters = new ConversationCounters();
  let worker: FrontEndWorker | undefined;
  return runService({
    log,
    clock: CLOCK,
    async start(lifecycle) {
      await startOps(config, lifecycle, {
        checks: { frontend: () => (worker === undefined ? 'starting' : worker.findObstacle()) },
        routes: {
          '/metrics': () => ({
            status: 200,
            contentType: 'text/plain; version=0.0.4',
            body: counters.format(),
          }),
        },
      });
      worker = await startWorker(config, log, lifecycle, counters);
    },
    onReady: () => onReady?.(worker?.addresses ?? []),
  });
}

async function runSupervised(config: FrontEndConfig, { onReady }: RunOptions): Promise<ExitCode> {
  const log = openLog(config, undefined);
  let addresses: readonly ListenAddress[] = [];
  return runService({
    log,
    clock: CLOCK,
    async start(lifecycle) {
      const supervisor = await lifecycle.start('workers', () => {
        const value = startSupervisor({
          modulePath: WORKER_MODULE,
          workerCount: config.workers,
          args: (index) => [JSON.stringify(config), String(index)],
          log,
          clock: CLOCK,
        });
        return {
          value,
          stopLimitMs: STOP_LIMIT_MS + 5_000,
          async stop(mode) {
            await value.stop(mode);
          },
        };
      });
      const isComplete = () => supervisor.pids.every((pid) => pid !== undefined);
      await startOps(config, lifecycle, {
        checks: { workers: () => (isComplete() ? undefined : 'a worker is being restarted') },
      });
      lifecycle.stopSignal.addEventListener('abort', () => void supervisor.stop());
      const workers = await supervisor.whenReady();
      addresses = (workers?.[0]?.facts ?? []) as readonly ListenAddress[];
    },
    onReady: () => onReady?.(addresses),
  });
}

function openLog(
  { logging }: FrontEndConfig,
  worker: number | undefined,
): ReturnType<typeof createLogger<typeof FRONT_END_LOG_EVENTS>> {
  return createLogger({
    service: 'frontend',
    ...(worker !== undefined && { worker }),
    level: logging.level,
    format: logging.format,
    events: FRONT_END_LOG_EVENTS,
    clock: CLOCK,
  });
}

async function startWorker(
  config: FrontEndConfig,
  log: ReturnType<typeof openLog>,
  lifecycle: Lifecycle,
  metrics: ConversationCounters,
): Promise<FrontEndWorker> {
  return lifecycle.start('front end', async (): Promise<StartedPart<FrontEndWorker>> => {
    const workerName = `${config.name}-${process.pid}-${randomBytes(4).toString('hex')}`;
    const worker = await openFrontEndWorker(config, { clock: CLOCK, log, metrics, workerName });
    for (const { protocol, address, tls } of worker.addresses) {
      log.log('listener.opened', { protocol, address, tls });
    }
    return { value: worker, stop: (mode) => worker.close(mode), stopLimitMs: STOP_LIMIT_MS };
  });
}

async function startOps(
  { ops: { enabled, host, port } }: FrontEndConfig,
  lifecycle: Lifecycle,
  pages: Pick<OpsServerOptions, 'checks' | 'routes'>,
): Promise<void> {
  if (!enabled) return;
  await lifecycle.start('ops', async () => {
    const opened = await openOpsServer({ host, port, clock: CLOCK, ...pages });
    if (!opened.ok) throw new StartError('ops.port', opened.reason);
    const { server } = opened;
    lifecycle.stopSignal.addEventListener('abort', () => server.startDraining());
    return { value: server, stop: () => server.close() };
  });
}
