/**
 * Writing the log back into the database, in a thread: SQLite syncs both then, and an event loop
 * must not wait for that.
 */
import { createThreadCalls, openDatabase, type Database } from '@homeward/durable-store';

/** Rejects with the error of the system or the database. */
export interface Checkpoints {
  /** Writes back as far as possible. */
  writeBack(databasePath: string): Promise<void>;
  close(): Promise<void>;
}

/** Nobody waits for this but the thread. */
const WAIT_MS = 2_000;

/** The work itself, on the calling thread: in the thread below, and for tests. */
export function writeBackNow(databasePath: string): void {
  const database = openDatabase(databasePath, { waitMs: WAIT_MS });
  try {
    checkpoint(database, 'PASSIVE');
  } finally {
    database.close();
  }
}

/** @returns Whether nothing is left in the log. */
export function checkpoint(database: Database, mode: 'PASSIVE' | 'TRUNCATE'): boolean {
  const row = database.statement(`PRAGMA wal_checkpoint(${mode})`).row();
  return row?.[0] === 0 && row[1] === row[2];
}

/** The thread starts with its first task. Close it. */
export function startCheckpointThread(): Checkpoints {
  const calls = createThreadCalls<string>(new URL('./checkpoint-worker.ts', import.meta.url));
  return {
    async writeBack(databasePath) {
      await calls.ask(databasePath);
    },
    close: () => calls.close(),
  };
}
