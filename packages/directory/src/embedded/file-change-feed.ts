/**
 * Hears of changes by other processes: each write leaves a numbered row, and SQLite's
 * `data_version` tells for a microsecond's work whether another connection wrote at all.
 */
import type { ChangeListeners } from '../change-listeners.ts';
import type { Clock } from '../clock.ts';
import { PeriodicTask } from '../periodic-task.ts';
import { DirectoryUnavailableError, type DirectoryChange } from '../ports.ts';
import { decodeChange } from '../record-codec.ts';
import type { Database } from './database.ts';
import { CHANGE_HISTORY_LIMIT } from './schema.ts';

const LOOK_PAUSE_MS = 200;

/** Notes a change; call it within the transaction that makes it. */
export function noteChange(db: Database, change: DirectoryChange): void {
  db.run('INSERT INTO changes (change) VALUES (?)', JSON.stringify(change));
  db.run(
    'DELETE FROM changes WHERE number <= (SELECT max(number) FROM changes) - ?',
    CHANGE_HISTORY_LIMIT,
  );
}

export class FileChangeFeed {
  readonly #db: Database;
  readonly #listeners: ChangeListeners;
  readonly #clock: Clock;
  readonly #looking: PeriodicTask;
  #lastNumber: number | undefined;
  #dataVersion: unknown;
  #inSyncAtMs: number | undefined;

  constructor(db: Database, listeners: ChangeListeners, clock: Clock) {
    this.#db = db;
    this.#listeners = listeners;
    this.#clock = clock;
    this.#looking = new PeriodicTask(clock, LOOK_PAUSE_MS, () => this.#look());
  }

  /** See `DirectoryDriver.inSyncAtMs`. */
  get inSyncAtMs(): number | undefined {
    return this.#inSyncAtMs;
  }

  /** Tells what happened since last time, a write of this process included. */
  async catchUp(): Promise<void> {
    const nowMs = this.#clock.elapsedMs();
    const asked = this.#lastNumber;
    const rows = await this.#db.read((db) =>
      db.all('SELECT number, change FROM changes WHERE number >= ? ORDER BY number', asked ?? 0),
    );
    // Another call may have told part of it meanwhile.
    const known = this.#lastNumber ?? 0;
    this.#lastNumber = Math.max(known, Number(rows.at(-1)?.['number'] ?? 0));
    if (asked === undefined || !isGapless(rows, asked)) {
      this.#listeners.tell({ area: 'everything' });
    } else {
      for (const row of rows) {
        if (Number(row['number']) > known)
          this.#listeners.tell(decodeChange(String(row['change'])));
      }
    }
    this.#inSyncAtMs = nowMs;
  }

  async stop(): Promise<void> {
    await this.#looking.stop();
  }

  async #look(): Promise<void> {
    try {
      const nowMs = this.#clock.elapsedMs();
      const row = await this.#db.read((db) => db.get('PRAGMA data_version'));
      const isUnchanged = row?.['data_version'] === this.#dataVersion;
      if (isUnchanged) {
        this.#inSyncAtMs = nowMs;
        return;
      }
      await this.catchUp();
      this.#dataVersion = row?.['data_version'];
    } catch (error) {
      if (!(error instanceof DirectoryUnavailableError)) throw error;
    }
  }
}

/** The row that we know must still be there: else some behind it are gone as well. */
function isGapless(rows: readonly Readonly<Record<string, unknown>>[], last: number): boolean {
  return last === 0 ? Number(rows[0]?.['number'] ?? 1) === 1 : Number(rows[0]?.['number']) === last;
}
