/**
 * The settings in force: the configuration's, overridden by the directory's settings document.
 * Read again whenever the directory tells of a change; while it is away the last ones stay.
 */
import { DirectoryUnavailableError, type DirectoryDriver } from '@homeward/directory';
import type { ProtocolSettings, SettingValues } from './config.ts';
import type { ConversationSettings, MailProtocol } from './conversation/ports.ts';
import type { FrontEndLog } from './log-events.ts';
import { overrideSettings } from './settings.ts';

/**
 * One login's limit. With the time to send the answer it stays within the five seconds after
 * which people begin to wonder.
 */
const LOGIN_DEADLINE_MS = 4500;

/** Follows the directory until it is closed. */
export class LiveSettings implements ConversationSettings {
  readonly loginDeadlineMs: number = LOGIN_DEADLINE_MS;
  readonly #configured: SettingValues;
  readonly #directory: Pick<DirectoryDriver, 'getSettings' | 'subscribe'>;
  readonly #log: FrontEndLog;
  readonly #onChange: (values: SettingValues) => void;
  #values: SettingValues;
  #unsubscribe: (() => void) | undefined;
  #reading: Promise<void> | undefined;
  #isReadAgain = false;

  /** @param onChange Hears of every new set of values; must not throw. */
  constructor(parts: {
    readonly configured: SettingValues;
    readonly directory: Pick<DirectoryDriver, 'getSettings' | 'subscribe'>;
    readonly log: FrontEndLog;
    readonly onChange: (values: SettingValues) => void;
  }) {
    this.#configured = parts.configured;
    this.#values = overrideSettings(parts.configured, {}).values;
    this.#directory = parts.directory;
    this.#log = parts.log;
    this.#onChange = parts.onChange;
  }

  /** Reads the document for the first time and follows it. */
  async open(): Promise<void> {
    this.#unsubscribe = this.#directory.subscribe(({ area }) => {
      if (area === 'settings' || area === 'everything') void this.#refresh();
    });
    await this.#refresh();
  }

  async close(): Promise<void> {
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
    this.#isReadAgain = false;
    await this.#reading;
  }

  get values(): SettingValues {
    return this.#values;
  }

  get connectionLimits(): SettingValues['connectionLimits'] {
    return this.#values.connectionLimits;
  }

  get preAuthenticatedTimeoutMs(): number {
    return this.#values.idleLimits.preAuthenticatedSeconds * 1000;
  }

  get authenticatedTimeoutMs(): number {
    return this.#values.idleLimits.authenticatedSeconds * 1000;
  }

  isProtocolEnabled(protocol: MailProtocol): boolean {
    return this.#values[protocol].enabled;
  }

  protocol(protocol: MailProtocol): ProtocolSettings {
    return this.#values[protocol];
  }

  /** One read at a time; a change that is told meanwhile is read after it. */
  #refresh(): Promise<void> {
    if (this.#reading !== undefined) {
      this.#isReadAgain = true;
      return this.#reading;
    }
    this.#reading = this.#readUntilCurrent().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #readUntilCurrent(): Promise<void> {
    do {
      this.#isReadAgain = false;
      await this.#read();
    } while (this.#isReadAgain);
  }

  async #read(): Promise<void> {
    try {
      const document = await this.#directory.getSettings();
      const { values, problems } = overrideSettings(this.#configured, document);
      for (const { name, text } of problems) {
        this.#log.log('settings.value-ignored', { setting: name, problem: text });
      }
      if (JSON.stringify(values) === JSON.stringify(this.#values)) return;
      this.#values = values;
      this.#log.log('settings.changed');
      this.#onChange(values);
    } catch (error) {
      if (!(error instanceof DirectoryUnavailableError)) {
        this.#log.log('settings.failed', { error });
        return;
      }
      // Its return is told as a change of everything.
      this.#log.log('settings.unavailable');
    }
  }
}
