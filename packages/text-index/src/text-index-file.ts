/**
 * One mailbox's index of texts: an FTS5 table in a file of its own. It holds nothing that
 * could not be made again: whatever is wrong with it, it is removed and begun anew.
 *
 * The watermark says up to which message id every message is in; it is committed together
 * with the grams, so after a power cut they still agree (the write-ahead log is not synced at
 * each commit, so the last commits may be lost, but all of each).
 *
 * Messages that are gone may still be found; the caller knows which there are. One connection
 * at a time: the file is locked while it is open.
 */
import { rmSync } from 'node:fs';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { indexFormat } from './index-format.ts';
import { matchExpression } from './match-expression.ts';
import type { TextQuery } from './text-query.ts';
import type { MessageTokens } from './tokens.ts';

/** Ids of messages, ascending. */
export type MessageIds = Float64Array<ArrayBuffer>;

/** One message on its way into the index. */
export interface IndexEntry {
  readonly messageId: number;
  readonly tokens: MessageTokens;
}

const SCHEMA = `
  CREATE TABLE state (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    format TEXT NOT NULL,
    mailbox TEXT NOT NULL,
    watermark INTEGER NOT NULL
  ) STRICT;
  -- Only which message has which token: no text, no positions.
  CREATE VIRTUAL TABLE gram USING fts5(
    tokens, content = '', contentless_delete = 1, detail = none, tokenize = 'ascii'
  );
  -- Rewriting what has gone messages in it is put off until they are 40 % (FTS5's 10 % would
  -- cost as much as indexing them did).
  INSERT INTO gram (gram, rank) VALUES ('deletemerge', 40);
`;

/** An open index. Close it. */
export class TextIndexFile {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  #watermark: number;

  private constructor(database: DatabaseSync, watermark: number) {
    this.#database = database;
    this.#watermark = watermark;
  }

  /**
   * Opens the index, or begins one if there is none, or none that can be used.
   *
   * @param mailbox Whose it is; another's is not used.
   * @param lastMessageId The highest id that the mailbox has given and will never take back; a
   *   file that knows of higher ones belongs to another past of the mailbox.
   */
  static open(path: string, mailbox: string, lastMessageId: number): TextIndexFile {
    const present = openPresent(path, mailbox, lastMessageId);
    if (present !== undefined) return new TextIndexFile(present.database, present.watermark);
    TextIndexFile.remove(path);
    return new TextIndexFile(create(path, mailbox), 0);
  }

  /** Removes the file and what belongs to it. No connection may be open. */
  static remove(path: string): void {
    // The log first: it must never be taken for that of a new file.
    for (const suffix of ['-wal', '-shm', '-journal', '']) rmSync(path + suffix, { force: true });
  }

  /** Every message up to this id is in the index, or was gone when its turn came. */
  get watermark(): number {
    return this.#watermark;
  }

  /** @param watermark Up to where the index is complete with these. */
  add(entries: readonly IndexEntry[], watermark: number): void {
    this.#transact(() => {
      const insert = this.#statement('INSERT INTO gram (rowid, tokens) VALUES (?, ?)');
      for (const { messageId, tokens } of entries) insert.run(messageId, tokens);
      this.#statement('UPDATE state SET watermark = ?').run(watermark);
    });
    this.#watermark = watermark;
  }

  /** Forgets messages; those not in the index are fine. */
  remove(messageIds: readonly number[]): void {
    this.#transact(() => {
      const remove = this.#statement('DELETE FROM gram WHERE rowid = ?');
      for (const messageId of messageIds) remove.run(messageId);
    });
  }

  /** Messages in the index, those gone meanwhile among them. */
  countMessages(): number {
    return Number(this.#column('SELECT count(*) FROM gram_docsize')[0]);
  }

  /** Messages in the index, ascending from behind `afterId`. */
  messageIds(afterId: number, limit: number): readonly number[] {
    return this.#column(
      'SELECT id FROM gram_docsize WHERE id > ? ORDER BY id LIMIT ?',
      afterId,
      limit,
    ).map(Number);
  }

  /**
   * The indexed messages in which a text may be found.
   *
   * @returns undefined if the text is too short to rule any out.
   */
  candidates(query: TextQuery): MessageIds | undefined {
    const expression = matchExpression(query);
    if (expression === undefined) return undefined;
    const ids = this.#column('SELECT rowid FROM gram WHERE gram MATCH ?', expression);
    return Float64Array.from(ids as number[]);
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }

  #transact(work: () => void): void {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      work();
      this.#database.exec('COMMIT');
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  #column(sql: string, ...parameters: SQLInputValue[]): unknown[] {
    const rows = this.#statement(sql).all(...parameters) as unknown as unknown[][];
    return rows.map(([value]) => value);
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      statement.setReturnArrays(true);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

/** True if an error says that the file is no index, or no longer one: remove it. */
export function isIndexDamage(error: unknown): boolean {
  if (!(error instanceof Error) || !('errcode' in error)) return false;
  // SQLITE_ERROR (tables that are not there), CORRUPT, NOTADB
  // (https://www.sqlite.org/rescode.html); FTS5 has extended codes of the second.
  return [1, 11, 26].includes(Number(error.errcode) & 0xff);
}

function openDatabase(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    // Alone with the file, SQLite needs no shared memory beside it.
    database.exec(`
      PRAGMA locking_mode = EXCLUSIVE;
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = NORMAL;
      PRAGMA temp_store = MEMORY;
      PRAGMA cache_size = -4000;
    `);
  } catch (error) {
    database.close();
    throw error;
  }
  return database;
}

/** @returns undefined if there is nothing that can be used. */
function openPresent(
  path: string,
  mailbox: string,
  lastMessageId: number,
): { readonly database: DatabaseSync; readonly watermark: number } | undefined {
  let database: DatabaseSync | undefined;
  try {
    database = openDatabase(path);
    const row = database.prepare('SELECT format, mailbox, watermark FROM state').get();
    const watermark = Number(row?.['watermark'] ?? Number.NaN);
    const isOurs = row?.['format'] === indexFormat && row['mailbox'] === mailbox;
    if (isOurs && watermark <= lastMessageId) return { database, watermark };
  } catch (error) {
    database?.close();
    if (!isIndexDamage(error)) throw error;
    return undefined;
  }
  database.close();
  return undefined;
}

function create(path: string, mailbox: string): DatabaseSync {
  const database = openDatabase(path);
  try {
    database.exec(`BEGIN IMMEDIATE; ${SCHEMA}`);
    database.prepare('INSERT INTO state VALUES (1, ?, ?, 0)').run(indexFormat, mailbox);
    database.exec('COMMIT');
  } catch (error) {
    database.close();
    throw error;
  }
  return database;
}
