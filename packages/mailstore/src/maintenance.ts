/**
 * The slow work on a mailbox's database: creating, upgrading and cleaning it before it is
 * opened, writing the WAL back, and the last close. In production it runs in a worker thread
 * (`maintenance-thread.ts`); `MaintenanceTasks` is the work itself, synchronous.
 *
 * SQLite's last connection to close writes the whole WAL back, so the order of connections
 * matters: maintenance holds one while the owner opens or closes its own.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Database, openDatabase } from '@homeward/durable-store';
import type { DefaultFolder } from './api.ts';
import { readSeenState } from './care/seen-states.ts';
import { FlagSetTable } from './flag-sets.ts';
import { INBOX } from './folder-path.ts';
import { MailboxTransaction } from './mailbox-transaction.ts';
import { healFolders } from './operations/heal-folders.ts';
import { giveUpAllStaged } from './operations/stage-messages.ts';
import { migrateSchema, OLDEST_CODE_VERSION, SchemaTooNewError } from './schema.ts';

/** Nobody waits for this thread's turn but it; others are at a database for milliseconds. */
const WAIT_MS = 2000;
/** How long files without a row are kept. */
const LOST_MS = 14 * 86_400_000;

export interface PrepareRequest {
  readonly databasePath: string;
  readonly messagesPath: string;
  readonly lostPath: string;
  readonly accountId: string;
  readonly epoch: number;
  readonly mayCreate: boolean;
  /** Of mailboxes that the account had and that are kept, for a new one to begin beyond. */
  readonly formerDatabases: readonly string[];
  readonly nowMs: number;
  readonly defaultFolders: readonly DefaultFolder[];
}

export type PrepareResult =
  | { readonly ok: true; readonly isNew: boolean; readonly orphanCount: number }
  | { readonly ok: false; readonly reason: 'nonexistent' | 'too-new' | 'other-account' };

/** All calls reject with the error of the system or the database. */
export interface Maintenance {
  /**
   * Makes the database fit to be opened, with an empty WAL unless another process reads it;
   * holds a connection to it.
   */
  prepare(request: PrepareRequest): Promise<PrepareResult>;
  /** Holds a connection, so that the owner's close is not the last. */
  hold(databasePath: string): Promise<void>;
  /** Closes the held connection, if any; the last one writes back and removes the WAL. */
  release(databasePath: string): Promise<void>;
  /** Writes the WAL back as far as possible. @returns False if some of it is left. */
  checkpoint(databasePath: string): Promise<boolean>;
  close(): Promise<void>;
}

/** The work, one call after another. `close` releases what is still held. */
export class MaintenanceTasks {
  readonly #held = new Map<string, Database>();

  prepare(request: PrepareRequest): PrepareResult {
    const database = openDatabase(request.databasePath, { waitMs: WAIT_MS });
    try {
      const result = prepareDatabase(database, request);
      if (!result.ok) database.close();
      else this.#held.set(request.databasePath, database);
      return result;
    } catch (error) {
      database.close();
      if (error instanceof SchemaTooNewError) return { ok: false, reason: 'too-new' };
      throw error;
    }
  }

  hold(databasePath: string): void {
    const database = openDatabase(databasePath, { waitMs: WAIT_MS });
    // A connection takes part only once it has read.
    database.statement('SELECT id FROM mailbox').row();
    this.#held.set(databasePath, database);
  }

  release(databasePath: string): void {
    const database = this.#held.get(databasePath);
    this.#held.delete(databasePath);
    database?.close();
  }

  checkpoint(databasePath: string): boolean {
    const database = openDatabase(databasePath, { waitMs: WAIT_MS });
    try {
      return writeBack(database, 'PASSIVE');
    } finally {
      database.close();
    }
  }

  close(): void {
    for (const path of this.#held.keys()) this.release(path);
  }
}

/** Writes as much of the WAL back as may be. @returns True if that was all of it. */
function writeBack(database: Database, mode: 'PASSIVE' | 'TRUNCATE'): boolean {
  const row = database.statement(`PRAGMA wal_checkpoint(${mode})`).row();
  return row?.[0] === 0 && row[1] === row[2];
}

function prepareDatabase(database: Database, request: PrepareRequest): PrepareResult {
  const isEmpty = database.statement('SELECT 1 FROM sqlite_schema LIMIT 1').row() === undefined;
  if (isEmpty && !request.mayCreate) return { ok: false, reason: 'nonexistent' };
  migrateSchema(database);
  const row = database.statement('SELECT account_id FROM mailbox').row();
  if (row === undefined && !request.mayCreate) return { ok: false, reason: 'nonexistent' };
  if (row !== undefined && row[0] !== request.accountId)
    return { ok: false, reason: 'other-account' };
  if (row === undefined) {
    const leastUidValidity = findNextUidValidity(request.formerDatabases);
    createMailboxRow(database, { ...request, leastUidValidity });
  }
  removeUnusedFlagSets(database);
  healFolders(database);
  giveUpAllStaged(database);
  const orphanCount = putOrphansAside(database, request);
  // Not while another process reads, such as a backup: then the WAL is just not empty.
  writeBack(database, 'TRUNCATE');
  return { ok: true, isNew: row === undefined, orphanCount };
}

/** What a mailbox begins with. */
export interface NewMailbox {
  readonly accountId: string;
  readonly epoch: number;
  /** No folder gets a lower one; 1 if nothing is known of. */
  readonly leastUidValidity: number;
  readonly nowMs: number;
  readonly defaultFolders: readonly DefaultFolder[];
}

/**
 * A mailbox's UIDVALIDITYs are ahead of the clock when many folders were made at once, and the
 * clock may have been set back: a name that the account had must not get one that it had
 * (RFC 3501 §2.3.1.1).
 */
function findNextUidValidity(databases: readonly string[]): number {
  return databases.reduce((least, path) => {
    const state = existsSync(path) ? readSeenState(path) : undefined;
    return Math.max(least, state?.nextUidValidity ?? 0);
  }, 1);
}

/** Makes the mailbox's row and first folders, unless salvaged ones are there. */
export function createMailboxRow(database: Database, request: NewMailbox): void {
  database.exec('BEGIN IMMEDIATE');
  database
    .statement(`INSERT INTO mailbox VALUES (1, ?, ?, 'active', NULL, 0, ?, 1, 0, 0, ?, ?)`)
    .run(
      request.accountId,
      request.epoch,
      request.leastUidValidity,
      OLDEST_CODE_VERSION,
      request.nowMs,
    );
  const tx = new MailboxTransaction(database, new FlagSetTable(database), request.nowMs);
  if (tx.findFolder(INBOX) === undefined) tx.addFolder(INBOX, { isSelectable: true });
  tx.setSubscribed(INBOX, true);
  for (const { path, specialUse, isSubscribed } of request.defaultFolders) {
    tx.addFolder(path, { isSelectable: true, specialUse });
    if (isSubscribed) tx.setSubscribed(path, true);
  }
  tx.finish(0);
  database.exec('COMMIT');
}

function removeUnusedFlagSets(database: Database): void {
  database.exec(
    'DELETE FROM flag_set WHERE id NOT IN (SELECT DISTINCT flag_set_id FROM flag_state)',
  );
}

/**
 * Files without a row: a crash came between the file and its row, or after the row's end. Or
 * the database is not the one that they belong to: they are kept for a while, out of the way.
 */
function putOrphansAside(database: Database, request: PrepareRequest): number {
  const { messagesPath, lostPath, nowMs } = request;
  purgeLost(lostPath, nowMs);
  const rows = database.statement('SELECT file FROM message WHERE file IS NOT NULL').rows();
  const known = new Set(rows.map(([file]) => file));
  const orphans = readdirSync(messagesPath).filter((name) => !known.has(name));
  if (orphans.length > 0) mkdirSync(lostPath, { recursive: true, mode: 0o700 });
  for (const name of orphans) {
    const path = join(messagesPath, name);
    // Never got its name, so it is not whole.
    if (name.endsWith('.tmp')) rmSync(path, { force: true });
    else renameSync(path, join(lostPath, `${nowMs}-${name}`));
  }
  return orphans.length;
}

function purgeLost(lostPath: string, nowMs: number): void {
  if (!existsSync(lostPath)) return;
  for (const name of readdirSync(lostPath)) {
    if (nowMs - Number.parseInt(name, 10) > LOST_MS) rmSync(join(lostPath, name), { force: true });
  }
}

/** The work on the calling thread: for tests, and for tools that serve nobody. */
export function createInlineMaintenance(): Maintenance {
  const tasks = new MaintenanceTasks();
  const run = <Result>(work: () => Result): Promise<Result> =>
    new Promise((resolve) => resolve(work()));
  return {
    prepare: (request) => run(() => tasks.prepare(request)),
    hold: (path) => run(() => tasks.hold(path)),
    release: (path) => run(() => tasks.release(path)),
    checkpoint: (path) => run(() => tasks.checkpoint(path)),
    close: () => run(() => tasks.close()),
  };
}
