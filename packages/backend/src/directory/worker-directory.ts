/** The directory as logins at a worker ask it, over a driver and what is kept of it. */
import { type DirectoryDriver, DirectoryUnavailableError } from '@homeward/directory';
import type { WorkerDirectory } from '../login/ports.ts';
import type { DirectoryWatch } from './directory-watch.ts';

type Driver = Pick<DirectoryDriver, 'findAccountId' | 'loadLogin' | 'getAccount'>;

/** Turns the driver's only exception into a value. */
export function createWorkerDirectory(driver: Driver, watch: DirectoryWatch): WorkerDirectory {
  return {
    findOwnSite: () => watch.ownSite,
    lookUpLogin: async (name) => {
      const found = await orUnavailable(async () => {
        const id = await driver.findAccountId(name);
        return id === undefined ? undefined : driver.loadLogin(id);
      });
      if (found === 'unavailable') return { kind: 'unavailable' };
      return found === undefined ? { kind: 'unknown' } : { kind: 'found', record: found };
    },
    readAccount: async (id) =>
      (await orUnavailable(() => driver.getAccount(id))) ?? ('unknown' as const),
  };
}

async function orUnavailable<Value>(ask: () => Promise<Value>): Promise<Value | 'unavailable'> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof DirectoryUnavailableError) return 'unavailable';
    throw error;
  }
}
