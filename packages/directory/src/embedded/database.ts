/**
 * The one SQLite file of the embedded directory, used by several processes of one host: WAL, and
 * every write in a transaction that takes the write lock at its start. SQLite's calls hold up the
 * event loop, so they wait for another process's lock only briefly; the rest of the waiting is
 * done between attempts, within the budget.
 */
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import type { Clock } from '../clock.ts';
import { DirectoryUnavailableError } from '../ports.ts';
import { SCHEMA_STEPS, SCHEMA_VERSION } from './schema.ts';

/** What SQLite itself may wait for a lock, the event loop standing still. */
const LOCK_WAIT_MS = 5;
const RETRY_PAUSE_MS = 15;
const SQLITE_BUSY = 5;
const SQLITE_LOCKED = 6;

export interface DatabaseOptions {
  readonly file: string;
  readonly budgetMs: number;
  /**
   * Whether a commit is on the disk before it is reported. Without it a power cut may undo the
   * last commits, never damage the file.
   */
  readonly isDurable: boolean;
  readonly clock: Clock;
}

export type Row = Readonly<Record<string, unknown>>;

/** One connection. All methods reject with `DirectoryUnavailableError` for what SQLite refuses. */
export class Database {
  readonly #db: DatabaseSync;
  readonly #options: DatabaseOptions;
  readonly #statements = new Map<string, StatementSync>();

  private constructor(options: DatabaseOptions) {
    this.#options = options;
    this.#db = new DatabaseSync(options.file, { timeout: LOCK_WAIT_MS });
  }

  /** Opens the file, creates its tables where it is new, and upgrades an older release's. */
  static async open(options: DatabaseOptions): Promise<Database> {
    let database: Database | undefined;
    try {
      database = new Database(options);
      await database.#prepareFile();
      return database;
    } catch (error) {
      database?.close();
      throw toUnavailable(error);
    }
  }

  /** Reads; never waits for writers. */
  async read<Result>(task: (db: Database) => Result): Promise<Result> {
    return this.#attempt(() => task(this));
  }

  /** Runs `task` in a transaction; it must not wait for anything. What it throws rolls back. */
  async write<Result>(task: (db: Database) => Result): Promise<Result> {
    return this.#attempt(() => {
      this.#db.exec('BEGIN IMMEDIATE');
      try {
        const result = task(this);
        this.#db.exec('COMMIT');
        return result;
      } catch (error) {
        if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
        throw error;
      }
    });
  }

  get(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.#prepare(sql).get(...values);
  }

  all(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#prepare(sql).all(...values);
  }

  /** @returns how many rows were changed. */
  run(sql: string, ...values: SQLInputValue[]): number {
    return Number(this.#prepare(sql).run(...values).changes);
  }

  close(): void {
    this.#statements.clear();
    if (this.#db.isOpen) this.#db.close();
  }

  /** The statements are a fixed few, so the map needs no bound. */
  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#db.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  async #prepareFile(): Promise<void> {
    await this.#attempt(() => {
      this.#db.exec('PRAGMA journal_mode = WAL');
      this.#db.exec(`PRAGMA synchronous = ${this.#options.isDurable ? 'FULL' : 'NORMAL'}`);
    });
    await this.write(() => {
      const version = Number(this.get('PRAGMA user_version')?.['user_version']);
      if (version > SCHEMA_VERSION) {
        throw new DirectoryUnavailableError(
          `its data has schema ${version}, this release works with ${SCHEMA_VERSION}`,
        );
      }
      if (version === SCHEMA_VERSION) return;
      for (const step of SCHEMA_STEPS.slice(version)) this.#db.exec(step);
      this.#db.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
    });
  }

  async #attempt<Result>(task: () => Result): Promise<Result> {
    const { clock, budgetMs } = this.#options;
    const startedAtMs = clock.elapsedMs();
    for (;;) {
      if (!this.#db.isOpen) throw new DirectoryUnavailableError('the directory was closed');
      try {
        return task();
      } catch (error) {
        const isLate = clock.elapsedMs() - startedAtMs + RETRY_PAUSE_MS > budgetMs;
        if (isLate || !isLock(error)) throw toUnavailable(error);
      }
      await new Promise<void>((resolve) => {
        clock.after(RETRY_PAUSE_MS, resolve, { keepsProcess: true });
      });
    }
  }
}

/** The low octet of SQLite's code is the kind of fault, the rest says more about it. */
function primaryCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error)) return undefined;
  return typeof error.errcode === 'number' ? error.errcode & 0xff : undefined;
}

function isLock(error: unknown): boolean {
  const code = primaryCode(error);
  return code === SQLITE_BUSY || code === SQLITE_LOCKED;
}

/** SQLite's messages name tables and columns, never values. Other faults are bugs. */
function toUnavailable(error: unknown): Error {
  const code = primaryCode(error);
  if (code !== undefined) {
    const detail = error instanceof Error ? error.message : '';
    return new DirectoryUnavailableError(`the directory's file cannot be used: ${detail}`);
  }
  return error instanceof Error ? error : new TypeError('not an error', { cause: error });
}
