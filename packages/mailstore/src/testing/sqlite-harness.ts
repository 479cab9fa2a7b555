/** The real store on a folder of its own, for tests. */
import { createTempFolder, FakeClock } from '@homeward/testkit';
import type { MailStore, StoreEvent, StoreLimits } from '../api.ts';
import { DEFAULT_STORE_LIMITS, openMailStore, type MailStoreOptions } from '../mail-store.ts';
import { createPlainDescriber } from './plain-describer.ts';
import type { StoreHarness } from './store-contract.ts';

export interface SqliteHarness extends StoreHarness {
  readonly root: string;
  readonly clock: FakeClock;
  readonly events: StoreEvent[];
}

/** @param options Instead of what the harness would give the store. */
export async function openSqliteHarness(
  options: Partial<MailStoreOptions> = {},
): Promise<SqliteHarness> {
  const folder = await createTempFolder('mailstore');
  const clock = new FakeClock();
  const events: StoreEvent[] = [];
  const limits: { -readonly [Key in keyof StoreLimits]: StoreLimits[Key] } = {
    ...DEFAULT_STORE_LIMITS,
  };
  const root = options.root ?? folder.join('volume');
  const open = (): MailStore =>
    openMailStore({
      root,
      describe: createPlainDescriber,
      clock,
      limits,
      defaultFolders: [{ path: 'Sent', specialUse: '\\Sent', isSubscribed: true }],
      report: (event) => void events.push(event),
      ...options,
    });
  let store = open();
  return {
    root,
    clock,
    events,
    get store() {
      return store;
    },
    restart: async () => {
      await store.close();
      store = open();
    },
    setLimits: (changed) => void Object.assign(limits, changed),
    dispose: async () => {
      await store.close();
      await folder.remove();
    },
  };
}
