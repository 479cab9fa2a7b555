/** What becomes of a front end's configuration when it is read again. */
import { type Clock, overrideSettings, type WorkerCrew } from '@homeward/service';
import { type FrontEndConfig, SETTING_FORMS, type SettingValues } from './config.ts';

/** What the supervisor tells its workers of by it. */
export const RELOAD_SUBJECT = 'configuration';
const RELOAD_LIMIT_MS = 5_000;
/** A worker that is not up within a minute is killed and started anew, with what is present then. */
const PAUSE_MS = 500;
const ATTEMPT_LIMIT = 120;

/** The running configuration with what of another one needs no restart. */
export function takeLive(running: FrontEndConfig, next: FrontEndConfig): FrontEndConfig {
  const { values } = overrideSettings<SettingValues>(SETTING_FORMS, next, {});
  const names = Object.keys(values) as (keyof SettingValues)[];
  const sections = names.map((name) => [name, { ...running[name], ...values[name] }]);
  const taken = { ...running, ...(Object.fromEntries(sections) as Partial<FrontEndConfig>) };
  const { certificates, ticketKeysFile } = next.tls;
  return {
    ...taken,
    // What names files of this host.
    tls: { ...taken.tls, certificates, ticketKeysFile },
    homes: { ...taken.homes, secrets: next.homes.secrets },
  };
}

/**
 * Hands the configuration to all workers. Those that are just starting have begun with the one
 * before: they are told when they are up, unless there is another one by then.
 */
export async function tellWorkers(
  crew: WorkerCrew,
  present: () => FrontEndConfig,
  clock: Pick<Clock, 'after'>,
): Promise<void> {
  const config = present();
  for (let attempt = 0; attempt < ATTEMPT_LIMIT && present() === config; attempt += 1) {
    const answers = await crew.askAll(RELOAD_SUBJECT, config, RELOAD_LIMIT_MS);
    if (!answers.some((answer) => !answer.ok && answer.reason === 'not-running')) return;
    await new Promise<void>((resolve) => void clock.after(PAUSE_MS, resolve));
  }
}
