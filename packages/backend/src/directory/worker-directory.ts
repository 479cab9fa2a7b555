/** The directory as logins at a worker ask it, over a driver and what is kept of it. */
import {
  type DirectoryDriver,
  DirectoryUnavailableError,
  type DirectoryView,
} from '@homeward/directory';
import type { WorkerDirectory } from '../login/ports.ts';
import type { DirectoryWatch } from './directory-watch.ts';

/** What it is made of. */
export interface WorkerDirectoryParts {
  readonly driver: Pick<DirectoryDriver, 'getAccount' | 'loadLogin'>;
  /** Answers logins; pushed, so a changed password counts within a second. */
  readonly view: Pick<DirectoryView, 'lookUpLogin'>;
  readonly watch: DirectoryWatch;
}

/** Turns the driver's only exception into a value. */
export function createWorkerDirectory(parts: WorkerDirectoryParts): WorkerDirectory {
  const { driver, view, watch } = parts;
  return {
    findOwnSite: () => watch.ownSite,
    rereadOwnSite: async () => {
      await watch.readOnDoubt();
      return watch.ownSite;
    },
    lookUpLogin: (name) => view.lookUpLogin(name),
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
