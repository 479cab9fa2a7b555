/** The directory, and what is kept in step with it. */
import {
  DirectoryAlarm,
  openComponentStates,
  openDirectory,
  type DirectoryDriver,
  type SetBackAccount,
} from '@homeward/directory';
import { locateDirectory, type DirectoryConfig } from '@homeward/service';
import type { FrontEndConfig } from '../config.ts';
import type { LiveSettings } from '../live-settings.ts';
import { Maintenance } from '../maintenance/maintenance.ts';
import type { ProcessParts } from './process-parts.ts';
import { blame } from '../start-error.ts';

const NOT_HEARD_OF = 'it is not heard of';

/** The directory, and why it was away last. */
export interface OpenDirectory {
  readonly directory: DirectoryDriver;
  readonly whyAway: () => string;
}

export async function openAccounts(
  config: DirectoryConfig,
  { log }: ProcessParts,
  stack: AsyncDisposableStack,
): Promise<OpenDirectory> {
  let reason = NOT_HEARD_OF;
  const onAvailability = (isAvailable: boolean, why: string): void => {
    reason = isAvailable ? NOT_HEARD_OF : why;
  };
  const onSetBack = ({ account, knownEpoch }: SetBackAccount): void => {
    const { id: accountId, address, epoch } = account;
    log.log('directory.account-set-back', { accountId, address, epoch, knownEpoch });
  };
  const directory = await blame('directory', async () =>
    openDirectory({ ...(await locateDirectory(config)), onAvailability, onSetBack }),
  );
  stack.defer(() => directory.close());
  const alarm = new DirectoryAlarm({
    driver: directory,
    why: () => reason,
    onLost: (detail) => log.log('directory.unavailable', { detail }),
    onBack: (durationMs) => log.log('directory.recovered', { durationMs }),
  });
  stack.defer(() => alarm.close());
  return { directory, whyAway: () => reason };
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
