/**
 * Runs a front end until it is told to stop: in this process, or as several workers under a
 * supervisor. What a worker process runs is `worker-main.ts`.
 */
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { formatLeaseOwner } from '@homeward/directory';
import {
  ConfigReload,
  createLogger,
  createMetrics,
  openWorkerLink,
  OpsPages,
  runService,
  startSupervisor,
  systemClock,
  watchWorkers,
  type Clock,
  type ExitCode,
  type Lifecycle,
  type LoadedConfig,
  type Logger,
  type Metrics,
  type ProcessSupervisor,
  type StartedPart,
  type WorkerCrew,
} from '@homeward/service';
import { FRONT_END_CONFIG, type FrontEndConfig } from './config.ts';
import type { FrontEndWorker, ListenAddress } from './front-end-worker.ts';
import { FRONT_END_LOG_EVENTS } from './log-events.ts';
import { FRONT_END_METRICS, type FrontEndMetrics } from './metrics/front-end-metrics.ts';
import { describeHealth, logFaults, startOps } from './ops.ts';
import { RELOAD_SUBJECT, takeLive, tellWorkers } from './reload.ts';
import { openFrontEndWorker } from './wiring.ts';

export interface RunOptions {
  /** Called when clients can connect. */
  readonly onReady?: (addresses: readonly ListenAddress[]) => void;
  /** Reads file and environment again, at SIGHUP; without it that signal ends the process. */
  readonly readAgain?: () => Promise<LoadedConfig<FrontEndConfig>>;
}

/**
 * V8 would keep up to 48 MB for young objects, of which logins need a part; and it has to be told
 * that it may be asked to collect (`memory/after-peak.ts`). The launcher does the same for a front
 * end that is alone.
 */
const V8_FLAGS = ['--max-semi-space-size=8', '--expose-gc'];
const WORKER_MODULE = fileURLToPath(new URL('worker-main.ts', import.meta.url));
/** More than a worker takes to tell its clients and to cut those that do not listen. */
const STOP_LIMIT_MS = 15_000;
/** What supervisor and process take beyond that. */
const STOP_MARGIN_MS = 5_000;
/**
 * A worker that is silent for so long is frozen. The longest pauses of one that is well are
 * collections of a second; meanwhile its share of newcomers waits, and they give up after 30 s.
 */
const SILENCE_LIMIT_MS = 15_000;

/**
 * @param config Checked by `FRONT_END_CONFIG`.
 * @returns The exit code, when the service has stopped: on SIGTERM or SIGINT, or when it could
 *   not start. The log says why.
 */
export async function runFrontend(
  config: FrontEndConfig,
  options: RunOptions = {},
): Promise<ExitCode> {
  const isAlone = config.workers === 1 && !config.supervisor;
  return isAlone ? runAlone(config, options) : runSupervised(config, options);
}

/** A worker process under the supervisor. */
export async function runFrontendWorker(config: FrontEndConfig, index: number): Promise<ExitCode> {
  const parts = openProcess(config, index);
  let lifecycle: Lifecycle | undefined;
  const link = openWorkerLink((mode, cause) => lifecycle?.requestStop(cause, mode));
  let worker: FrontEndWorker | undefined;
  const pages = { ...describeHealth(() => worker), ...parts, onFault: logFaults(parts.log) };
  new OpsPages(pages).answerSupervisor(link);
  link.answer(RELOAD_SUBJECT, async (next) => worker?.applyConfig(next as FrontEndConfig));
  const exitCode = await runService({
    ...parts,
    stopLimitMs: stopLimitMs(config),
    async start(starting) {
      lifecycle = starting;
      worker = await startWorker(config, parts, starting);
    },
    onReady: () => link.sendReady(worker?.addresses),
    // It is the supervisor that reads again: a terminal that goes tells all of its processes.
    onReload: () => undefined,
  });
  link.close();
  return exitCode;
}

async function runAlone(
  config: FrontEndConfig,
  { onReady, readAgain }: RunOptions,
): Promise<ExitCode> {
  const parts = openProcess(config, undefined);
  let worker: FrontEndWorker | undefined;
  const apply = (next: FrontEndConfig): void => worker?.applyConfig(takeLive(config, next));
  return runService({
    ...parts,
    stopLimitMs: stopLimitMs(config) + 2 * STOP_MARGIN_MS,
    onReload: createReload(config, readAgain, apply, parts),
    async start(lifecycle) {
      const pages = { ...describeHealth(() => worker), metrics: parts.metrics };
      await startOps(config.ops, pages, { ...parts, lifecycle });
      worker = await startWorker(config, parts, lifecycle);
    },
    onReady: () => onReady?.(worker?.addresses ?? []),
  });
}

async function runSupervised(
  config: FrontEndConfig,
  { onReady, readAgain }: RunOptions,
): Promise<ExitCode> {
  const parts = openProcess(config, 'supervisor');
  let supervisor: ProcessSupervisor | undefined;
  let addresses: readonly ListenAddress[] = [];
  let present = config;
  const workers: WorkerCrew = {
    askAll: async (...question) => (await supervisor?.askAll(...question)) ?? [],
  };
  const apply = (next: FrontEndConfig): void => {
    present = takeLive(config, next);
    parts.log.setLevel(present.logging.level);
    void tellWorkers(workers, () => present, parts.clock);
  };
  return runService({
    ...parts,
    stopLimitMs: stopLimitMs(config) + 2 * STOP_MARGIN_MS,
    onReload: createReload(config, readAgain, apply, parts),
    async start(lifecycle) {
      const pages = { checks: {}, metrics: parts.metrics, workers };
      await startOps(config.ops, pages, { ...parts, lifecycle });
      supervisor = await startWorkers(config.workers, () => present, parts, lifecycle);
      addresses = ((await supervisor.whenReady())?.[0]?.facts ?? []) as readonly ListenAddress[];
    },
    onReady: () => onReady?.(addresses),
  });
}

function createReload(
  running: FrontEndConfig,
  read: RunOptions['readAgain'],
  apply: (config: FrontEndConfig) => Promise<void> | void,
  { log }: Process,
): (() => void) | undefined {
  if (read === undefined) return undefined;
  const reload = new ConfigReload({ schema: FRONT_END_CONFIG, running, read, apply, log });
  return () => void reload.reload();
}

async function startWorkers(
  workerCount: number,
  present: () => FrontEndConfig,
  { log, clock, metrics }: Process,
  lifecycle: Lifecycle,
): Promise<ProcessSupervisor> {
  return lifecycle.start('workers', () => {
    const value = startSupervisor({
      modulePath: WORKER_MODULE,
      workerCount,
      args: (index) => [JSON.stringify(present()), String(index)],
      execArgv: V8_FLAGS,
      stopLimitMs: stopLimitMs(present()) + STOP_MARGIN_MS,
      silenceLimitMs: SILENCE_LIMIT_MS,
      log,
      clock,
    });
    watchWorkers(metrics, value);
    // Those that are still starting are waited for, and have to hear of it.
    lifecycle.stopSignal.addEventListener('abort', () => void value.stop());
    return {
      value,
      stopLimitMs: stopLimitMs(present()) + STOP_MARGIN_MS,
      async stop(mode) {
        await value.stop(mode);
      },
    };
  });
}

/** What a process has before anything can fail. */
interface Process {
  readonly log: Logger<typeof FRONT_END_LOG_EVENTS>;
  readonly metrics: Metrics<FrontEndMetrics>;
  readonly clock: Clock;
}

/** @param role The worker's index; nothing for a process that is alone. */
function openProcess(
  { logging, name }: FrontEndConfig,
  role: number | 'supervisor' | undefined,
): Process {
  const metrics = createMetrics({ catalogue: FRONT_END_METRICS, worker: String(role ?? 0) });
  const lines = metrics.counter('homeward_log_lines_total');
  const log = createLogger({
    // One that was given no name of its own is called so already.
    service: name === 'frontend' ? name : `frontend ${name}`,
    ...(typeof role === 'number' && { worker: role }),
    level: logging.level,
    format: logging.format,
    events: FRONT_END_LOG_EVENTS,
    clock: systemClock,
    onLine: (level) => lines.add({ level }),
  });
  return { log, metrics, clock: systemClock };
}

async function startWorker(
  config: FrontEndConfig,
  parts: Process,
  lifecycle: Lifecycle,
): Promise<FrontEndWorker> {
  return lifecycle.start('front end', async (): Promise<StartedPart<FrontEndWorker>> => {
    const workerName = formatLeaseOwner(config.name, process.pid, randomBytes(4).toString('hex'));
    const worker = await openFrontEndWorker(config, { ...parts, workerName });
    for (const { protocol, address, tls } of worker.addresses) {
      parts.log.log('listener.opened', { protocol, address, tls });
    }
    return { value: worker, stop: (mode) => worker.close(mode), stopLimitMs: stopLimitMs(config) };
  });
}

/** For one worker, its window included. */
function stopLimitMs({ stopWindowSeconds }: FrontEndConfig): number {
  return stopWindowSeconds * 1000 + STOP_LIMIT_MS;
}
