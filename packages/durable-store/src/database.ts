/**
 * A thin face on `node:sqlite`: statements prepared once per connection, rows as arrays, and
 * the closed list of what an SQLite error means for the owner of the file.
 */
import { backup, DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';

/** A value of a column. Integers stay below 2^53 by construction. */
export type ColumnValue = number | string | Uint8Array | null;
/** One row; columns by position. */
export type Row = readonly ColumnValue[];

/** Connection-level settings that every connection needs. */
const PRAGMAS = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  PRAGMA wal_autocheckpoint = 0;
  PRAGMA foreign_keys = OFF;
  PRAGMA temp_store = MEMORY;
  PRAGMA cache_size = -1000;
`;

/** Pages copied in one go: about 4 MB. */
const COPY_PAGES = 1000;

/** One prepared statement; `row`, `rows` and `run` bind by position. */
export class Statement {
  readonly #statement: StatementSync;

  constructor(statement: StatementSync) {
    statement.setReturnArrays(true);
    this.#statement = statement;
  }

  /** @returns The first row, if any. */
  row(...parameters: SQLInputValue[]): Row | undefined {
    return this.#statement.get(...parameters) as unknown as Row | undefined;
  }

  rows(...parameters: SQLInputValue[]): readonly Row[] {
    return this.#statement.all(...parameters) as unknown as Row[];
  }

  /** @returns How many rows changed. */
  run(...parameters: SQLInputValue[]): number {
    return Number(this.#statement.run(...parameters).changes);
  }
}

export interface DatabaseOptions {
  readonly isReadOnly?: boolean;
  /**
   * How long to wait, blocking the thread, for what another process does alone with the file,
   * such as the recovery of its WAL. By default not at all: an event loop must not block.
   */
  readonly waitMs?: number;
}

/** One connection. Close it. */
export class Database {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, Statement>();

  constructor(path: string, options: DatabaseOptions = {}) {
    const readOnly = options.isReadOnly ?? false;
    this.#database = new DatabaseSync(path, { readOnly, timeout: options.waitMs ?? 0 });
    try {
      if (!readOnly) this.#database.exec(PRAGMAS);
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  /** Rows one by one, for long reads. Not while the same text is being read already. */
  *each(sql: string): Generator<Row, void> {
    const statement = this.#database.prepare(sql);
    statement.setReturnArrays(true);
    for (const row of statement.iterate()) yield row as unknown as Row;
  }

  /** Prepares at the first use; the same text gives the same statement. */
  statement(sql: string): Statement {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = new Statement(this.#database.prepare(sql));
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  /** False after an error that made SQLite roll back by itself. */
  get isInTransaction(): boolean {
    return this.#database.isTransaction;
  }

  /** Copies what a transaction begun here sees, off the event loop. The copy is durable. */
  async copyInto(path: string): Promise<void> {
    await backup(this.#database, path, { rate: COPY_PAGES });
  }

  exec(sql: string): void {
    this.#database.exec(sql);
  }

  /** The last connection to close a database writes the whole WAL back first. */
  close(): void {
    this.#statements.clear();
    this.#database.close();
  }
}

/** Opens a connection, making the file if there is none (unless it is read-only). */
export function openDatabase(path: string, options?: DatabaseOptions): Database {
  return new Database(path, options);
}

/** SQLite result codes (https://www.sqlite.org/rescode.html) that are the volume's state. */
const SQLITE_FULL = 13;

/** What an error thrown by the database means. */
export type DatabaseFault =
  | { readonly kind: 'full'; readonly code: string }
  | { readonly kind: 'fatal'; readonly code: string };

/**
 * @returns undefined if the error is none of the database's, or a constraint that our own
 * code broke: a bug, to be thrown on.
 */
export function classifyDatabaseError(error: unknown): DatabaseFault | undefined {
  if (!(error instanceof Error) || !('errcode' in error)) return undefined;
  const resultCode = Number(error.errcode) & 0xff;
  if (resultCode === SQLITE_FULL) return { kind: 'full', code: 'SQLITE_FULL' };
  // 1 is SQLITE_ERROR (wrong SQL), 19 a constraint, 20 a datatype mismatch, 21 misuse.
  if ([1, 19, 20, 21, 25].includes(resultCode)) return undefined;
  return { kind: 'fatal', code: `SQLITE_${resultCode}` };
}
