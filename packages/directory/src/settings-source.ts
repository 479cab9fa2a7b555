/** The settings document as services follow it, over a driver. */
import { DirectoryUnavailableError } from './ports.ts';
import type { DirectoryDriver } from './directory-driver.ts';

/** Reads the document, and tells when it may have changed. */
export interface DirectorySettingsSource {
  read(): Promise<Readonly<Record<string, unknown>> | 'unavailable'>;
  /** @returns How to end it. */
  subscribe(listener: () => void): () => void;
}

/** Turns the driver's only exception into a value. */
export function createSettingsSource(
  driver: Pick<DirectoryDriver, 'getSettings' | 'subscribe'>,
): DirectorySettingsSource {
  return {
    read: async () => {
      try {
        return await driver.getSettings();
      } catch (error) {
        if (error instanceof DirectoryUnavailableError) return 'unavailable';
        throw error;
      }
    },
    subscribe: (listener) =>
      driver.subscribe(({ area }) => {
        if (area === 'settings' || area === 'everything') listener();
      }),
  };
}
