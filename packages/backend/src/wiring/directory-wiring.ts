/** The directory, what a worker keeps of it, and the settings in it. */
import {
  createDirectoryView,
  createSettingsSource,
  DirectoryAlarm,
  type DirectoryDriver,
  type SetBackAccount,
  type DirectoryView,
  openDirectory,
  type SiteName,
} from '@homeward/directory';
import { FollowedSettings, locateDirectory, ProtocolLog } from '@homeward/service';
import { DirectoryWatch } from '../directory/directory-watch.ts';
import { createWorkerDirectory } from '../directory/worker-directory.ts';
import { AccountWatch } from '../login/account-watch.ts';
import type { WorkerDirectory } from '../login/ports.ts';
import { BACK_END_SETTING_FORMS, type BackEndSettings } from '../settings.ts';
import type { WorkerParts } from './process-parts.ts';

const NOT_HEARD_OF = 'it is not heard of';

/** The directory, as others of a worker ask it. */
export interface DirectoryParts {
  readonly site: SiteName;
  readonly driver: DirectoryDriver;
  readonly watch: DirectoryWatch;
  readonly view: DirectoryView;
  readonly directory: WorkerDirectory;
}

/** Opens it, and reads what it has if it answers; the stack closes it. */
export async function openDirectoryParts(
  { config, clock, log }: WorkerParts,
  stack: AsyncDisposableStack,
): Promise<DirectoryParts> {
  const site = config.site as SiteName;
  let reason = NOT_HEARD_OF;
  const onAvailability = (isAvailable: boolean, why: string): void => {
    reason = isAvailable ? NOT_HEARD_OF : why;
  };
  const onSetBack = ({ account, knownEpoch }: SetBackAccount): void => {
    const { id: accountId, address, epoch } = account;
    log.log('directory.account-set-back', { accountId, address, epoch, knownEpoch });
  };
  const driver = await openDirectory({
    ...(await locateDirectory(config.directory)),
    onAvailability,
    onSetBack,
  });
  stack.defer(() => driver.close());
  const alarm = new DirectoryAlarm({
    driver,
    why: () => reason,
    onLost: (detail) => log.log('directory.unavailable', { detail }),
    onBack: (durationMs) => log.log('directory.recovered', { durationMs }),
  });
  stack.defer(() => alarm.close());
  const watch = new DirectoryWatch({
    driver,
    site,
    clock,
    onFault: (error) => log.log('directory.read-failed', { error }),
  });
  stack.defer(() => watch.close());
  await watch.read();
  const view = createDirectoryView(driver);
  stack.defer(() => view.close());
  return { site, driver, watch, view, directory: createWorkerDirectory({ driver, watch }) };
}

/** Settings, and the protocol log, which has to be told of them first. */
export interface SettingParts {
  readonly followed: FollowedSettings<BackEndSettings>;
  /** Those in force. */
  readonly settings: () => BackEndSettings;
  readonly protocolLog: ProtocolLog;
}

/** @param onSettings Called with each change. */
export async function followSettings(
  driver: DirectoryDriver,
  onSettings: (values: BackEndSettings) => void,
  { config, clock, log, metrics }: WorkerParts,
  stack: AsyncDisposableStack,
): Promise<SettingParts> {
  const followed = new FollowedSettings({
    forms: BACK_END_SETTING_FORMS,
    configured: config,
    source: createSettingsSource(driver),
    log,
    onChange(values) {
      protocolLog.settingsChanged();
      onSettings(values);
    },
  });
  const settings = (): BackEndSettings => followed.values;
  const protocolLog = new ProtocolLog({
    half: 'backend',
    settings: () => settings().protocolLog,
    clock,
    log,
    metrics,
  });
  stack.defer(() => protocolLog.close());
  stack.defer(() => followed.close());
  await followed.open();
  return { followed, settings, protocolLog };
}

/** Who tells sessions of changes of their account; the stack closes it. */
export function openAccountWatch(
  { driver, directory, site }: DirectoryParts,
  { clock, log }: WorkerParts,
  stack: AsyncDisposableStack,
): AccountWatch {
  const accounts = new AccountWatch({
    driver,
    directory,
    site,
    elapsedMs: () => clock.elapsedMs(),
    onFault: (error) => log.log('account-watch.failed', { error }),
  });
  stack.defer(() => accounts.close());
  return accounts;
}
