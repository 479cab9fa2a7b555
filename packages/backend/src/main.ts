/**
 * The back end as a process: one worker in it, or a supervisor with a process for each worker.
 * A worker process is this same file, run with the configuration file and its index.
 */
import { fileURLToPath } from 'node:url';
import {
  createLogger,
  type ExitCode,
  EXIT_CODES,
  formatConfigProblem,
  loadConfig,
  type Logger,
  openWorkerLink,
  readEnvironment,
  runService,
  startSupervisor,
  systemClock,
} from '@homeward/service';
import { type BackEndConfig, backEndConfigSchema } from './config.ts';
import { BACKEND_LOG_EVENTS, type BackEndLogEvents } from './log-events.ts';
import { openBackEndWorker } from './wiring.ts';

/** Sessions may take so long to reach a safe point. */
const DRAIN_LIMIT_MS = 10_000;

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
  if (config.workers.length === 1) return runWorker(config, 0, options.onReady);
  const log = createBackEndLogger(config, undefined);
  return runService({
    log,
    clock: systemClock,
    ...(options.onReady !== undefined && { onReady: options.onReady }),
    start: async (lifecycle) => {
      await lifecycle.start('workers', async () => {
        const supervisor = startSupervisor({
          modulePath: fileURLToPath(import.meta.url),
          workerCount: config.workers.length,
          args: (index) => [options.configFile, String(index)],
          log,
          clock: systemClock,
        });
        await supervisor.whenReady();
        return {
          value: supervisor,
          stop: async (mode) => {
            await supervisor.stop(mode);
          },
          stopLimitMs: DRAIN_LIMIT_MS + 5_000,
        };
      });
    },
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

function createBackEndLogger(
  config: BackEndConfig,
  worker: number | undefined,
): Logger<BackEndLogEvents> {
  return createLogger({
    service: `backend ${config.site}`,
    ...(worker !== undefined && { worker }),
    level: config.logging.level,
    format: config.logging.format,
    events: BACKEND_LOG_EVENTS,
    clock: systemClock,
  });
}

function runWorker(
  config: BackEndConfig,
  index: number,
  onReady: (() => void) | undefined,
): Promise<ExitCode> {
  const log = createBackEndLogger(config, index);
  return runService({
    log,
    clock: systemClock,
    ...(onReady !== undefined && { onReady }),
    start: async (lifecycle) => {
      const link = await lifecycle.start('supervisor', () => {
        const opened = openWorkerLink((mode, cause) => lifecycle.requestStop(cause, mode));
        return { value: opened, stop: () => opened.close() };
      });
      const worker = await lifecycle.start('worker', async () => {
        const opened = await openBackEndWorker(config, index, { clock: systemClock, log });
        return {
          value: opened,
          stop: (mode) => opened.close(mode === 'drain' ? DRAIN_LIMIT_MS : 0),
          stopLimitMs: DRAIN_LIMIT_MS + 3_000,
        };
      });
      for (const { name, address } of worker.addresses) {
        log.log('listener.opened', {
          protocol: name,
          address: `${address.address}:${address.port}`,
          tls: name.endsWith('s') ? 'implicit' : 'none',
        });
      }
      link.sendReady({ pid: process.pid });
    },
  });
}

if (import.meta.main) {
  const [configFile = '', index = '0'] = process.argv.slice(2);
  const complain = (line: string): void => void process.stderr.write(`${line}\n`);
  const config = await readConfig({ configFile, complain });
  // Whatever a library still holds must not keep a worker that has stopped.
  process.exit(
    config === undefined
      ? EXIT_CODES.badConfiguration
      : await runWorker(config, Number(index), undefined),
  );
}
