/**
 * Reads a running service's configuration again, when it is asked to (SIGHUP): what is live
 * applies at once, of what is not the log says that it needs a restart. A file that is wrong
 * changes nothing.
 */
import type { z } from 'zod';
import { describeConfig, formatConfigProblem, type LoadedConfig } from '../config/index.ts';
import type { Logger, ServiceLogEvents } from '../logging/index.ts';

export interface ConfigReloadParts<Config> {
  readonly schema: z.ZodType<Config>;
  /** What the service was started with. */
  readonly running: NoInfer<Config>;
  /** Reads file and environment; rejects with nothing but bugs. */
  readonly read: () => Promise<LoadedConfig<NoInfer<Config>>>;
  /** Takes the live settings of the new configuration. */
  readonly apply: (config: NoInfer<Config>) => Promise<void> | void;
  readonly log: Pick<Logger<ServiceLogEvents>, 'log'>;
}

export class ConfigReload<Config> {
  readonly #parts: ConfigReloadParts<Config>;
  #reloading: Promise<void> = Promise.resolve();

  constructor(parts: ConfigReloadParts<Config>) {
    this.#parts = parts;
  }

  /** One after the other, however often it is asked. Never rejects. */
  reload(): Promise<void> {
    this.#reloading = this.#reloading.then(() => this.#reload());
    return this.#reloading;
  }

  async #reload(): Promise<void> {
    const { schema, running, read, apply, log } = this.#parts;
    try {
      const loaded = await read();
      if (!loaded.ok) {
        log.log('configuration.rejected', { problems: loaded.problems.map(formatConfigProblem) });
        return;
      }
      await apply(loaded.config);
      const needsRestart = findRestartKeys(schema, running, loaded.config);
      log.log('configuration.reloaded', { needsRestart });
    } catch (error) {
      log.log('settings.failed', { error });
    }
  }
}

/** Keys that differ and are not live, each as a whole. */
export function findRestartKeys<Config>(
  schema: z.ZodType<Config>,
  running: Config,
  next: Config,
): readonly string[] {
  const keys = describeConfig(schema).filter(({ key, restart }) => {
    const isWhole = !/[\]*]/.test(key);
    return isWhole && restart !== undefined && textAt(running, key) !== textAt(next, key);
  });
  // A section that is named stands for what is in it.
  return keys
    .map(({ key }) => key)
    .filter((key) => !keys.some((other) => key.startsWith(`${other.key}.`)));
}

function textAt(config: unknown, key: string): string | undefined {
  let value = config;
  for (const part of key.split('.')) value = (value as Record<string, unknown> | undefined)?.[part];
  return JSON.stringify(value);
}
