import {
  createSettingsSource,
  DirectoryUnavailableError,
  type DirectoryChange,
} from '@homeward/directory';
import { FollowedSettings } from '@homeward/service';
import { beforeEach, expect, it, vi } from 'vitest';
import { SETTING_FORMS, type SettingValues } from './config.ts';
import { createRecordingLog, settle } from './testing/scripted-ports.ts';
import { LiveSettings } from './live-settings.ts';
import { overrideSettings } from './settings.ts';
import { createTestConfig } from './testing/test-config.ts';

const configured = createTestConfig();
let document: Record<string, unknown> | 'away';
let tell: (change: DirectoryChange) => void;
let log: ReturnType<typeof createRecordingLog>;
const unsubscribe = vi.fn<() => void>();
const onChange = vi.fn<() => void>();
let followed: FollowedSettings<SettingValues>;
let settings: LiveSettings;

beforeEach(async () => {
  document = {};
  log = createRecordingLog();
  onChange.mockClear();
  unsubscribe.mockClear();
  followed = new FollowedSettings({
    forms: SETTING_FORMS,
    configured,
    source: createSettingsSource({
      async getSettings() {
        if (document === 'away') throw new DirectoryUnavailableError('away');
        return document;
      },
      subscribe(listener) {
        tell = listener;
        return unsubscribe;
      },
    }),
    log,
    onChange,
  });
  await followed.open();
  settings = new LiveSettings(followed);
});

it('LiveSettings applies a change as soon as it is told', async () => {
  expect(settings.values.connectionLimits.perUser).toBe(16);
  document = { 'connectionLimits.perUser': 2, 'imap.enabled': false };
  tell({ area: 'settings' });
  await settle();
  expect(settings.values.connectionLimits.perUser).toBe(2);
  expect(settings.isProtocolEnabled('imap')).toBe(false);
  expect(onChange).toHaveBeenCalledTimes(1);
});

it('LiveSettings goes back to the configured value when an override is gone', async () => {
  document = { 'connectionLimits.perUser': 2 };
  tell({ area: 'everything' });
  await settle();
  document = {};
  tell({ area: 'settings' });
  await settle();
  expect(settings.values).toEqual(overrideSettings(configured, {}).values);
});

it('LiveSettings keeps the last values while the directory is away', async () => {
  document = { 'connectionLimits.perUser': 2 };
  tell({ area: 'settings' });
  await settle();
  document = 'away';
  tell({ area: 'everything' });
  await settle();
  expect(settings.values.connectionLimits.perUser).toBe(2);
});

it('LiveSettings reads again what changed while it read', async () => {
  document = { 'connectionLimits.perUser': 2 };
  tell({ area: 'settings' });
  document = { 'connectionLimits.perUser': 3 };
  tell({ area: 'settings' });
  await settle();
  expect(settings.values.connectionLimits.perUser).toBe(3);
});

it('LiveSettings names a value that it does not use, and not the value', async () => {
  document = { 'imap.banner': 'bad\r\n' };
  tell({ area: 'settings' });
  await settle();
  expect(log.events).toMatchObject([
    { event: 'settings.value-ignored', fields: { setting: 'imap.banner' } },
  ]);
  expect(onChange).not.toHaveBeenCalled();
});

it('LiveSettings does not listen when a change concerns others, or after it was closed', async () => {
  document = { 'connectionLimits.perUser': 2 };
  tell({ area: 'front-end-keys' });
  await settle();
  expect(settings.values.connectionLimits.perUser).toBe(16);
  await followed.close();
  expect(unsubscribe).toHaveBeenCalledTimes(1);
});
