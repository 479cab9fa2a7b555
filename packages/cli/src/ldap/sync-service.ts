/** `homeward ldap sync --every` as a process: its parts, its log, its end. */
import { randomBytes } from 'node:crypto';
import {
  createLogger,
  type Lifecycle,
  type Logger,
  runService,
  systemClock,
} from '@homeward/service';
import type { CommandContext, OperatorOptions } from '../commands/command-context.ts';
import { readOperatorConfig } from '../deployment/operator-config.ts';
import { whoAsks } from '../output/who-asks.ts';
import { type Deployment, explainError, openDeployment } from '../wiring.ts';
import { openLdap } from './open-ldap.ts';
import { runRegularSync } from './regular-sync.ts';
import { runSync } from './run-sync.ts';
import { SyncDuty } from './sync-duty.ts';
import { SYNC_EVENTS, type SyncLogEvents } from './sync-events.ts';

export interface SyncServiceOptions extends OperatorOptions {
  readonly add?: boolean;
  readonly everyMs: number;
}

/** Until SIGTERM or Ctrl-C. @throws OperatorError if the configuration cannot be used. */
export async function runSyncService(
  context: CommandContext,
  options: SyncServiceOptions,
): Promise<void> {
  context.console.surviveBrokenPipe();
  const clock = systemClock;
  const log = createLogger({
    ...{ service: 'ldap-sync', level: 'info', events: SYNC_EVENTS, clock },
    format: options.json === true ? 'json' : 'auto',
  });
  // Before the service, so that who started it by hand reads what is wrong.
  await readOperatorConfig(options.config, context.environment);
  const start = async (lifecycle: Lifecycle): Promise<void> => {
    const deployment = await lifecycle.start('directory', async () => {
      const value = await openDeployment(options.config, context.environment);
      return { value, stop: async () => value[Symbol.asyncDispose]() };
    });
    await lifecycle.start('sync', () => {
      const ended = runParts(lifecycle, deployment, options, log).catch((error: unknown) =>
        lifecycle.onCrash('unhandled-rejection', error),
      );
      return { value: undefined, stop: () => ended };
    });
  };
  context.console.exitCode = await runService({ start, clock, log });
}

async function runParts(
  { stopSignal: signal }: Lifecycle,
  deployment: Deployment,
  { add = false, everyMs }: SyncServiceOptions,
  log: Logger<SyncLogEvents>,
): Promise<void> {
  const { driver } = deployment;
  const holder = `${whoAsks()}:${process.pid}:${randomBytes(4).toString('hex')}`;
  const parts = { clock: systemClock, log };
  const duty = new SyncDuty({ ...parts, operations: driver.operations, holder, signal });
  const syncing = runRegularSync({
    ...{ ...parts, duty, everyMs, explain: explainError, random: Math.random },
    sync: async (onOutcome, tenure) => {
      // Anew for each run: the settings are live.
      await using ldap = await openLdap(deployment);
      const close = (): void => void ldap.accounts.close();
      tenure.addEventListener('abort', close, { once: true });
      try {
        return await runSync({ driver, ldap, add, onOutcome, signal: tenure });
      } finally {
        tenure.removeEventListener('abort', close);
      }
    },
  });
  await Promise.all([duty.run(), syncing]);
}
