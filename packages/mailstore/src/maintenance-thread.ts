/** Maintenance in a worker thread, one for each store; it does one request after another. */
import { createThreadCalls, type ThreadCalls } from '@homeward/durable-store';
import type { Maintenance, PrepareRequest, PrepareResult } from './maintenance.ts';

/** What the owner asks of the thread. */
export type MaintenanceRequest =
  | { readonly task: 'prepare'; readonly request: PrepareRequest }
  | { readonly task: 'hold' | 'release' | 'checkpoint'; readonly databasePath: string }
  | { readonly task: 'close' };

class MaintenanceThread implements Maintenance {
  readonly #calls: ThreadCalls<MaintenanceRequest>;

  constructor(entry: URL) {
    this.#calls = createThreadCalls(entry);
  }

  prepare(request: PrepareRequest): Promise<PrepareResult> {
    return this.#calls.ask({ task: 'prepare', request }) as Promise<PrepareResult>;
  }

  async hold(databasePath: string): Promise<void> {
    await this.#calls.ask({ task: 'hold', databasePath });
  }

  async release(databasePath: string): Promise<void> {
    await this.#calls.ask({ task: 'release', databasePath });
  }

  checkpoint(databasePath: string): Promise<boolean> {
    return this.#calls.ask({ task: 'checkpoint', databasePath }) as Promise<boolean>;
  }

  async close(): Promise<void> {
    try {
      if (this.#calls.isRunning) await this.#calls.ask({ task: 'close' });
    } finally {
      await this.#calls.close();
    }
  }
}

const ENTRY = new URL('./maintenance-worker.ts', import.meta.url);

/**
 * The thread starts with its first task, and again should it die: connections that it held are
 * closed with it. Close it.
 *
 * @param entry Another module for it to run, in tests.
 */
export function startMaintenanceThread(entry: URL = ENTRY): Maintenance {
  return new MaintenanceThread(entry);
}
