/**
 * The back end as a process: one worker in it, or a supervisor with a process for each worker.
 * A worker process is this same file, run with the configuration file and its index.
 */
import { fileURLToPath } from 'node:url';
import {
  ConfigReload,
  createLogger,
  createMetrics,
  type ExitCode,
  EXIT_CODES,
  formatConfigProblem,
  type Lifecycle,
  type LoadedConfig,
  loadConfig,
  openWorkerLink,
  OpsPages,
  type ProcessSupervisor,
  readEnvironment,
  runService,
  startSupervisor,
  systemClock,
  watchWorkers,
  type WorkerCrew,
} from '@homeward/service';
import { type BackEndConfig, backEndConfigSchema } from './config.ts';
import { BACKEND_LOG_EVENTS } from './log-events.ts';
import { BACK_END_METRICS } from './metrics/back-end-metrics.ts';
import { describeHealth, logFaults, startOps } from './ops/start-ops.ts';
import { createVolumeCheck } from './ops/volume-check.ts';
import { openBackEndWorker } from './wiring.ts';
import type { ProcessParts } from './wiring/process-parts.ts';
import { type BackEndWorker, stopLimitMs } from './worker.ts';

/** What supervisor and process take beyond a worker's limit. */
const STOP_MARGIN_MS = 5_000;

/**
 * Octets of messages that were read count as memory outside of V8's heap: once 64 MB of them came
 * together V8 collects all of the heap. By itself it lets so much gather before it looks at the
 * young objects that hold them: one or two full collections for 10,000 messages of 10 KB, and 40 %
 * of the CPU time of their FETCH. With 8 MB for young objects their octets are given back in time.
 * The launcher and the demo do the same.
 */
const YOUNG_SPACE = '--max-semi-space-size=8';
/**
 * Little of the young objects survives, so that threads that share the work cost more than they
 * save: the one that serves waits for them, where others of the machine are before them in line.
 */
const ONE_SCAVENGER = '--no-parallel-scavenge';

/** What a caller may want beside the file. */
export interface RunBackEndOptions {
  readonly configFile: string;
  /** Where problems of the configuration are written. */
  readonly complain: (line: string) => void;
  /** Told once every worker is ready. */
  readonly onReady?: () => void;
}

/** Runs the back end until it is stopped. @returns the process's exit code. */
export async function runBackEnd(options: RunBackEndOptions): Promise<ExitCode> {
  const config = await readConfig(options);
  if (config === undefined) return EXIT_CODES.badConfiguration;
  const isAlone = config.workers.length === 1 && !config.supervisor;
  return isAlone ? runAlone(config, options) : runSupervised(config, options);
}

/** What a supervisor tells its workers of when the file is to be read again. */
const RELOAD_SUBJECT = 'configuration';
const RELOAD_LIMIT_MS = 5_000;

/** For SIGHUP: `apply` gets what is in the file now. */
function createReload(
  running: BackEndConfig,
  configFile: string,
  apply: (config: BackEndConfig) => Promise<void> | void,
  { log }: ProcessParts,
): ConfigReload<BackEndConfig> {
  const read = (): Promise<LoadedConfig<BackEndConfig>> =>
    loadConfig({ schema: backEndConfigSchema, file: configFile, environment: readEnvironment() });
  return new ConfigReload({ schema: backEndConfigSchema, running, read, apply, log });
}

async function runSupervised(
  config: BackEndConfig,
  { configFile, onReady }: RunBackEndOptions,
): Promise<ExitCode> {
  const parts = openProcess(config, 'supervisor');
  let supervisor: ProcessSupervisor | undefined;
  // Each worker reads the file for itself, as at its start.
  const apply = async ({ logging }: BackEndConfig): Promise<void> => {
    parts.log.setLevel(logging.level);
    await supervisor?.askAll(RELOAD_SUBJECT, null, RELOAD_LIMIT_MS);
  };
  const reload = createReload(config, configFile, apply, parts);
  return runService({
    ...parts,
    stopLimitMs: stopLimitMs(config) + 2 * STOP_MARGIN_MS,
    onReload: () => void reload.reload(),
    ...(onReady !== undefined && { onReady }),
    start: async (lifecycle) => {
      const workers: WorkerCrew = {
        askAll: async (...question) => (await supervisor?.askAll(...question)) ?? [],
      };
      const pages = { checks: {}, metrics: parts.metrics, workers };
      await startOps(config.ops, pages, { ...parts, lifecycle });
      supervisor = await startWorkers(config, configFile, parts, lifecycle);
      await supervisor.whenReady();
    },
  });
}

async function startWorkers(
  config: BackEndConfig,
  configFile: string,
  { log, clock, metrics }: ProcessParts,
  lifecycle: Lifecycle,
): Promise<ProcessSupervisor> {
  const limitMs = stopLimitMs(config) + STOP_MARGIN_MS;
  return lifecycle.start('workers', () => {
    const value = startSupervisor({
      modulePath: fileURLToPath(import.meta.url),
      workerCount: config.workers.length,
      args: (index) => [configFile, String(index)],
      execArgv: [YOUNG_SPACE, ONE_SCAVENGER],
      stopLimitMs: limitMs,
      log,
      clock,
    });
    watchWorkers(metrics, value);
    // Those that are still starting are waited for, and have to hear of it.
    lifecycle.stopSignal.addEventListener('abort', () => void value.stop());
    return {
      value,
      stop: async (mode) => {
        await value.stop(mode);
      },
      stopLimitMs: limitMs,
    };
  });
}

async function readConfig(options: RunBackEndOptions): Promise<BackEndConfig | undefined> {
  const loaded = await loadConfig({
    schema: backEndConfigSchema,
    file: options.configFile,
    environment: readEnvironment(),
  });
  if (loaded.ok) {
    for (const warning of loaded.warnings) options.complain(warning);
    return loaded.config;
  }
  for (const problem of loaded.problems) options.complain(formatConfigProblem(problem));
  return undefined;
}

/** What a process has before anything can fail. */
function openProcess(config: BackEndConfig, role: number | 'supervisor'): ProcessParts {
  const metrics = createMetrics({ catalogue: BACK_END_METRICS, worker: String(role) });
  const lines = metrics.counter('homeward_log_lines_total');
  const log = createLogger({
    service: `backend ${config.site}`,
    ...(role !== 'supervisor' && { worker: role }),
    level: config.logging.level,
    format: config.logging.format,
    events: BACKEND_LOG_EVENTS,
    clock: systemClock,
    onLine: (level) => lines.add({ level }),
  });
  return { log, metrics, clock: systemClock };
}

function runAlone(
  config: BackEndConfig,
  { configFile, onReady }: RunBackEndOptions,
): Promise<ExitCode> {
  const parts = openProcess(config, 0);
  let worker: BackEndWorker | undefined;
  const reload = createReload(config, configFile, (next) => worker?.applyConfig(next), parts);
  return runService({
    ...parts,
    stopLimitMs: stopLimitMs(config) + 2 * STOP_MARGIN_MS,
    onReload: () => void reload.reload(),
    ...(onReady !== undefined && { onReady }),
    start: async (lifecycle) => {
      const health = describeHealth(() => worker, createVolumeCheck(config.volumeFolder, '0'));
      const pages = { ...health, metrics: parts.metrics };
      await startOps(config.ops, pages, { ...parts, lifecycle });
      worker = await startWorker(config, 0, parts, lifecycle);
    },
  });
}

/** A worker process under the supervisor. */
function runWorker(config: BackEndConfig, configFile: string, index: number): Promise<ExitCode> {
  const parts = openProcess(config, index);
  let worker: BackEndWorker | undefined;
  const reload = createReload(config, configFile, (next) => worker?.applyConfig(next), parts);
  return runService({
    ...parts,
    stopLimitMs: stopLimitMs(config),
    // It is the supervisor that hears of it: a terminal that goes tells all of its processes.
    onReload: () => undefined,
    start: async (lifecycle) => {
      const link = await lifecycle.start('supervisor', () => {
        const opened = openWorkerLink((mode, cause) => lifecycle.requestStop(cause, mode));
        return { value: opened, stop: () => opened.close() };
      });
      const isWritable = createVolumeCheck(config.volumeFolder, String(index));
      const health = describeHealth(() => worker, isWritable);
      const pages = { ...health, ...parts, onFault: logFaults(parts.log) };
      new OpsPages(pages).answerSupervisor(link);
      link.answer(RELOAD_SUBJECT, () => reload.reload());
      worker = await startWorker(config, index, parts, lifecycle);
      link.sendReady({ pid: process.pid });
    },
  });
}

async function startWorker(
  config: BackEndConfig,
  index: number,
  parts: ProcessParts,
  lifecycle: Lifecycle,
): Promise<BackEndWorker> {
  const worker = await lifecycle.start('worker', async () => {
    const opened = await openBackEndWorker(config, index, parts);
    return {
      value: opened,
      stop: (mode) => opened.close(mode),
      stopLimitMs: stopLimitMs(config),
    };
  });
  for (const { name, address } of worker.addresses) {
    parts.log.log('listener.opened', {
      protocol: name,
      address: `${address.address}:${address.port}`,
      tls: name.endsWith('s') ? 'implicit' : 'none',
    });
  }
  return worker;
}

if (import.meta.main) {
  const [configFile = '', index = '0'] = process.argv.slice(2);
  const complain = (line: string): void => void process.stderr.write(`${line}\n`);
  const config = await readConfig({ configFile, complain });
  // Whatever a library still holds must not keep a worker that has stopped.
  process.exit(
    config === undefined
      ? EXIT_CODES.badConfiguration
      : await runWorker(config, configFile, Number(index)),
  );
}
