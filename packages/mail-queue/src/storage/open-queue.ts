/**
 * Opening a queue and ending it, in the order that durability and SQLite ask for.
 *
 * - Open: folders (each synced into its parent), the owner's lock, the database brought up to
 *   date and its log written back, the folder synced for their names, garbage removed.
 * - Close: the log is written back, and the last connection closed.
 * - Abandon after a fault: nothing is written back; what of the log was not surely synced is cut
 *   off, since nobody was told of it and the next opening could not trust it.
 */
import { readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  type Database,
  errorCode,
  openDatabase,
  OwnerLock,
  type StoreFiles,
  WalLog,
} from '@homeward/durable-store';
import { checkpoint } from './checkpoints.ts';
import type { QueueLayout } from './queue-layout.ts';
import { migrateSchema } from './schema.ts';

/** Pages that were in use once and take room for nothing: about 16 MB. */
const IDLE_PAGES = 4_000;

/** What an opening found. */
export interface OpeningFacts {
  readonly messageCount: number;
  readonly totalBytes: number;
  readonly lastId: number;
  /** Recipients that were being tried when the process died. */
  readonly interruptedCount: number;
}

export type OpenedStorage =
  | { readonly ok: true; readonly storage: QueueStorage; readonly facts: OpeningFacts }
  | { readonly ok: false; readonly reason: 'locked' | 'fault'; readonly code: string };

/** A database that this process owns. End it by `close` or by `abandon`. */
export class QueueStorage {
  readonly layout: QueueLayout;
  readonly files: StoreFiles;
  readonly database: Database;
  readonly log: WalLog;
  readonly #lock: OwnerLock;

  constructor(
    layout: QueueLayout,
    files: StoreFiles,
    database: Database,
    log: WalLog,
    lock: OwnerLock,
  ) {
    this.layout = layout;
    this.files = files;
    this.database = database;
    this.log = log;
    this.#lock = lock;
  }

  /** Nothing may be under way. */
  async close(): Promise<void> {
    try {
      await this.log.close();
      this.database.close();
    } finally {
      // Whatever failed: the next owner recovers from the log.
      this.#lock.release();
    }
  }

  /**
   * Removes a queue that is empty. It is out of the way before the lock is free, so that nobody
   * who begins it anew loses anything.
   */
  async remove(awayPath: string): Promise<void> {
    try {
      await this.log.close();
      this.database.close();
      await this.files.rename(this.layout.folder, awayPath);
    } finally {
      this.#lock.release();
    }
    await rm(awayPath, { recursive: true, force: true });
  }

  /** If even this fails, the lock stays, and the queue shut, until the process ends. */
  async abandon(): Promise<void> {
    const trustedBytes = this.log.trustedLengthBytes();
    await this.log.close();
    // A read-only connection cannot write back, and while it is there ours does not either.
    const keeper = openDatabase(this.layout.database, { isReadOnly: true });
    keeper.statement('SELECT 1 FROM message LIMIT 1').row();
    this.database.close();
    keeper.close();
    await this.files.truncateLog(this.layout.wal, trustedBytes);
    await this.files.invalidateLogIndex(this.layout.logIndex);
    this.#lock.release();
  }
}

/**
 * @param unrowed Names of files that no row has yet and that are no garbage.
 */
export async function openQueueStorage(
  layout: QueueLayout,
  files: StoreFiles,
  nowMs: number,
  unrowed: ReadonlySet<string>,
): Promise<OpenedStorage> {
  let lock: OwnerLock | undefined;
  try {
    await makeFolders(layout, files);
    lock = OwnerLock.acquire(layout.ownerLock);
    if (lock === undefined) return { ok: false, reason: 'locked', code: 'SQLITE_5' };
    return { ok: true, ...(await openOwned(layout, files, nowMs, unrowed, lock)) };
  } catch (error) {
    lock?.release();
    if (!(error instanceof Error) || !('code' in error)) throw error;
    return { ok: false, reason: 'fault', code: errorCode(error) };
  }
}

async function makeFolders(layout: QueueLayout, files: StoreFiles): Promise<void> {
  for (const folder of [layout.root, layout.folder, layout.messages]) {
    await files.makeFolder(folder);
    // Also if it was there: whoever made it may have died before this.
    await files.syncFolder(dirname(folder));
  }
}

async function openOwned(
  layout: QueueLayout,
  files: StoreFiles,
  nowMs: number,
  unrowed: ReadonlySet<string>,
  lock: OwnerLock,
): Promise<{ storage: QueueStorage; facts: OpeningFacts }> {
  const database = openDatabase(layout.database);
  let log: WalLog | undefined;
  try {
    const isNew = migrateSchema(database);
    const facts = recover(database, nowMs);
    log = await WalLog.open(database, files, layout.wal);
    log.mark();
    await log.sync();
    checkpoint(database, 'TRUNCATE');
    log.mark();
    await files.syncFolder(layout.folder);
    // In a new database no row can have a file: then they belong to one that was lost.
    if (!isNew) await removeGarbage(layout, files, database, unrowed);
    return { storage: new QueueStorage(layout, files, database, log, lock), facts };
  } catch (error) {
    await log?.close();
    database.close();
    throw error;
  }
}

/** Attempts that were under way are made again, at once. */
function recover(database: Database, nowMs: number): OpeningFacts {
  const one = (sql: string): number => Number(database.statement(sql).row()?.[0] ?? 0);
  const interruptedCount = one(`SELECT count(*) FROM recipient WHERE state = 'trying'`);
  database.exec('BEGIN IMMEDIATE');
  database.statement(`UPDATE recipient SET state = 'waiting' WHERE state = 'trying'`).run();
  // Whose sender is to be told of something is told now.
  database
    .statement(
      `UPDATE message SET due_ms = ? WHERE due_ms > ? AND id IN
        (SELECT message_id FROM recipient WHERE state IN ('delivered', 'relayed', 'failed'))`,
    )
    .run(nowMs, nowMs);
  database.exec('COMMIT');
  const messageCount = one('SELECT count(*) FROM message');
  if (messageCount === 0 && one('PRAGMA freelist_count') > IDLE_PAGES) database.exec('VACUUM');
  return {
    messageCount,
    totalBytes: one('SELECT sum(size_bytes) FROM message'),
    lastId: one('SELECT max(id) FROM message'),
    interruptedCount,
  };
}

/** Files that no row has: of messages that were never acknowledged, or are delivered. */
async function removeGarbage(
  layout: QueueLayout,
  files: StoreFiles,
  database: Database,
  unrowed: ReadonlySet<string>,
): Promise<void> {
  const rows = database.statement('SELECT file FROM message WHERE file IS NOT NULL').rows();
  const rowed = new Set(rows.map(([file]) => String(file)));
  for (const name of await readdir(layout.messages)) {
    const file = name.replace(/\.tmp$/u, '');
    // Messages come in meanwhile: what has no row yet is asked for at the last moment.
    if (rowed.has(file) || unrowed.has(file)) continue;
    await files.remove(join(layout.messages, name));
  }
}
