/** The directory, and what is kept in step with it. */
import {
  DirectoryAlarm,
  openComponentStates,
  openDirectory,
  type DirectoryDriver,
} from '@homeward/directory';
import { locateDirectory, type DirectoryConfig } from '@homeward/service';
import type { FrontEndConfig } from '../config.ts';
import type { LiveSettings } from '../live-settings.ts';
import { Maintenance } from '../maintenance/maintenance.ts';
import type { ProcessParts } from './process-parts.ts';
import { blame } from '../start-error.ts';

export async function openAccounts(
  config: DirectoryConfig,
  { log }: ProcessParts,
  stack: AsyncDisposableStack,
): Promise<DirectoryDriver> {
  let reason = 'it is not heard of';
  const onAvailability = (_isAvailable: boolean, why: string): void => void (reason = why);
  const directory = await blame('directory', async () =>
    openDirectory({ ...(await locateDirectory(config)), onAvailability }),
  );
  stack.defer(() => directory.close());
  const alarm = new DirectoryAlarm({
    driver: directory,
    onLost: () => log.log('directory.unavailable', { detail: reason }),
    onBack: (durationMs) => log.log('directory.recovered', { durationMs }),
  });
  stack.defer(() => alarm.close());
  return directory;
}

export async function openMaintenance(
  { name }: FrontEndConfig,
  directory: DirectoryDriver,
  settings: LiveSettings,
  { clock, log }: ProcessParts,
  stack: AsyncDisposableStack,
): Promise<Maintenance> {
  const states = await openComponentStates({
    driver: directory,
    onFault: (error) => log.log('session-end.failed', { error }),
  });
  stack.defer(() => states.close());
  const maintenance = new Maintenance({
    states,
    frontEnd: name,
    clock,
    random: Math.random,
    settings: () => settings.values.draining,
    log,
  });
  stack.defer(() => maintenance.close());
  return maintenance;
}
