/**
 * The demo's services as child processes: one of the front end, one of each site, each with
 * its own workers, exactly as `homeward frontend` and `homeward backend` run them. One that
 * dies is started again, and said so; all of them end when this process does.
 */
import { fileURLToPath } from 'node:url';
import {
  type Environment,
  type Lifecycle,
  type ProcessSupervisor,
  startSupervisor,
  systemClock,
} from '@homeward/service';
import { EXIT_CODES, OperatorError } from '../output/operator-error.ts';

export interface DemoProcess {
  /** As it is spoken of: `the front end`, `site dublin`. */
  readonly title: string;
  readonly command: 'frontend' | 'backend';
  readonly configFile: string;
}

/** Hears of what happens after the start. */
export type Tell = (text: string) => void;

const LAUNCHER = fileURLToPath(new URL('../../bin/homeward.js', import.meta.url));
/** As the launcher runs them by themselves. */
const V8_FLAGS = {
  frontend: ['--max-semi-space-size=8', '--expose-gc'],
  backend: ['--max-semi-space-size=8'],
};
/** A service has 15 s to end its sessions. */
const STOP_LIMIT_MS = 20_000;
/** Having crashed so often before it was ready even once, it never will be. */
const HOPELESS_AFTER = 3;

/**
 * Starts one as a part of the demo's life; it is not ready yet.
 *
 * @returns Settles when it is ready for the first time; rejects when there is no hope.
 */
export async function startDemoProcess(
  lifecycle: Lifecycle,
  demoProcess: DemoProcess,
  environment: Environment,
  tell: Tell,
): Promise<() => Promise<void>> {
  const { title, command, configFile } = demoProcess;
  const hopeless = Promise.withResolvers<never>();
  hopeless.promise.catch(() => {});
  let readyCount = 0;
  let crashCount = 0;
  const supervisor = await lifecycle.start(title, () => {
    const value: ProcessSupervisor = startSupervisor({
      modulePath: LAUNCHER,
      workerCount: 1,
      args: () => [command, '--supervised', '--config', configFile],
      execArgv: V8_FLAGS[command],
      environment: withoutSettings(environment),
      clock: systemClock,
      stopLimitMs: STOP_LIMIT_MS,
      log: {
        log: (event, fields) => {
          if (event !== 'worker.exited') return;
          crashCount += 1;
          tell(`${title} ${formatExit(fields)}; it is started again`);
          if (readyCount > 0 || crashCount < HOPELESS_AFTER) return;
          hopeless.reject(
            new OperatorError(`${title} does not start; see above why`, EXIT_CODES.startFailed),
          );
        },
      },
      onWorkerReady: () => {
        readyCount += 1;
        if (readyCount > 1) tell(`${title} is back`);
      },
    });
    return {
      value,
      stopLimitMs: STOP_LIMIT_MS + 2_000,
      stop: async (mode) => {
        await value.stop(mode);
      },
    };
  });
  return async () => {
    await Promise.race([supervisor.whenReady(), hopeless.promise]);
  };
}

function formatExit(fields: unknown): string {
  const { exitCode, signal } = (fields ?? {}) as {
    readonly exitCode?: number;
    readonly signal?: string;
  };
  return signal === undefined ? `ended with code ${exitCode ?? '?'}` : `was killed by ${signal}`;
}

/** The demo's files say everything; what is set for another deployment must not change it. */
function withoutSettings(environment: Environment): Environment {
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) => !name.startsWith('HOMEWARD_')),
  );
}
