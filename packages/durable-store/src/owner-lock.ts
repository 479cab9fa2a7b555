/**
 * One process owns a database: an exclusive lock, held by SQLite on a file of its own beside
 * the database, which the system drops when the process dies. (`locking_mode=EXCLUSIVE` on
 * the database itself would keep out our own maintenance thread as well.)
 */
import { DatabaseSync } from 'node:sqlite';
import { classifyDatabaseError } from './database.ts';

/** A held lock. */
export class OwnerLock {
  readonly #database: DatabaseSync;

  private constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** @returns undefined if it is held already, by any process. */
  static acquire(path: string): OwnerLock | undefined {
    const database = new DatabaseSync(path, { timeout: 0 });
    try {
      // No journal: nothing is ever written, and a journal would take another descriptor.
      database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
      return new OwnerLock(database);
    } catch (error) {
      database.close();
      if (classifyDatabaseError(error)?.code === 'SQLITE_5') return undefined;
      throw error;
    }
  }

  release(): void {
    this.#database.close();
  }
}
