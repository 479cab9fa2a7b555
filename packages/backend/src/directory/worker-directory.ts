/** The directory as logins at a worker ask it, over a driver and what is kept of it. */
import { type DirectoryDriver, DirectoryUnavailableError } from '@homeward/directory';
import type { WorkerDirectory } from '../login/ports.ts';
import type { DirectoryWatch } from './directory-watch.ts';

/** What it is made of. */
export interface WorkerDirectoryParts {
  readonly driver: Pick<DirectoryDriver, 'getAccount' | 'loadLogin'>;
  readonly watch: DirectoryWatch;
}

/** Turns the driver's only exception into a value. */
export function createWorkerDirectory(parts: WorkerDirectoryParts): WorkerDirectory {
  const { driver, watch } = parts;
  return {
    findOwnSite: () => watch.ownSite,
    rereadOwnSite: async () => {
      await watch.readOnDoubt();
      return watch.ownSite;
    },
    readAccount: (id) => read(() => driver.getAccount(id)),
    readLogin: (id) => read(() => driver.loadLogin(id)),
  };
}

async function read<Found>(
  ask: () => Promise<Found | undefined>,
): Promise<Found | 'unknown' | 'unavailable'> {
  try {
    return (await ask()) ?? 'unknown';
  } catch (error) {
    if (error instanceof DirectoryUnavailableError) return 'unavailable';
    throw error;
  }
}
