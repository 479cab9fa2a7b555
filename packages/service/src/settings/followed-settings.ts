/**
 * The settings in force: the configuration's, overridden by the directory's settings document.
 * Read again whenever the directory tells of a change; while it is away the last ones stay.
 */
import type { Logger, ServiceLogEvents } from '../logging/index.ts';
import { overrideSettings, type SettingForms, type SettingsDocument } from './override-settings.ts';

/** Where the document is. */
export interface SettingsSource {
  read(): Promise<SettingsDocument | 'unavailable'>;
  /** Tells of changes, and of the directory's return. @returns How to end it. */
  subscribe(listener: () => void): () => void;
}

export interface FollowedSettingsParts<Values> {
  readonly forms: SettingForms<Values>;
  readonly configured: NoInfer<Values>;
  readonly source: SettingsSource;
  readonly log: Pick<Logger<ServiceLogEvents>, 'log'>;
  /** Hears of every new set of values; must not throw. */
  readonly onChange?: (values: NoInfer<Values>) => void;
}

/** Follows the directory from `open` until it is closed. */
export class FollowedSettings<Values extends object> {
  readonly #parts: FollowedSettingsParts<Values>;
  #values: Values;
  #configured: Values;
  #document: SettingsDocument = {};
  #unsubscribe: (() => void) | undefined;
  #reading: Promise<void> | undefined;
  #isReadAgain = false;

  constructor(parts: FollowedSettingsParts<Values>) {
    this.#parts = parts;
    this.#configured = parts.configured;
    this.#values = overrideSettings(parts.forms, parts.configured, {}).values;
  }

  /** To be read at each use: what is kept does not change. */
  get values(): Values {
    return this.#values;
  }

  /** Other configured values; what the directory overrides stays so. */
  setConfigured(configured: NoInfer<Values>): void {
    this.#configured = configured;
    this.#apply(this.#document);
  }

  /** Reads the document for the first time and follows it. */
  async open(): Promise<void> {
    this.#unsubscribe = this.#parts.source.subscribe(() => void this.#refresh());
    await this.#refresh();
  }

  async close(): Promise<void> {
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
    this.#isReadAgain = false;
    await this.#reading;
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
    const { source, log } = this.#parts;
    try {
      const document = await source.read();
      // Its return is told as a change.
      if (document === 'unavailable') log.log('settings.unavailable', {});
      else this.#apply(document);
    } catch (error) {
      log.log('settings.failed', { error });
    }
  }

  #apply(document: SettingsDocument): void {
    const { forms, log, onChange } = this.#parts;
    this.#document = document;
    const { values, problems } = overrideSettings(forms, this.#configured, document);
    for (const { name, text } of problems) {
      log.log('settings.value-ignored', { setting: name, problem: text });
    }
    if (JSON.stringify(values) === JSON.stringify(this.#values)) return;
    this.#values = values;
    log.log('settings.changed', {});
    onChange?.(values);
  }
}
