/**
 * Opening a mailbox and ending it, in the order that durability and SQLite ask for.
 *
 * - Open: folders (each synced into its parent), the owner's lock, maintenance (upgrade,
 *   clean, empty WAL), our connection, the folder synced for the names of database and WAL.
 * - Close: maintenance holds a connection, we close ours, and it writes back and closes last. Or
 *   nothing is written back, and the WAL, synced already, is left to the next opening.
 * - Abandon after a fault: nothing is written back; what of the WAL was not surely synced is
 *   cut off, since nobody was told of it and the next opening could not trust it.
 */
import { dirname } from 'node:path';
import {
  type Database,
  errorCode,
  openDatabase,
  OwnerLock,
  ThreadError,
  WalLog,
} from '@homeward/durable-store';
import type { DefaultFolder, Outcome, OpenOptions, OpenRefusal } from './api.ts';
import { listStatesOf } from './care/deleted-mailboxes.ts';
import { MailboxCore } from './mailbox-core.ts';
import type { MailboxParts } from './mailbox-parts.ts';
import type { MailboxLayout } from './mailbox-layout.ts';

/** What all mailboxes of a store have in common. */
export type StoreParts = Omit<MailboxParts, 'layout' | 'database' | 'log' | 'onBroken'> & {
  readonly root: string;
  readonly defaultFolders: readonly DefaultFolder[];
  readonly openDatabase: (path: string) => Database;
};

/** A mailbox that this process owns. Stop and then close it. */
export class OwnedMailbox {
  readonly core: MailboxCore;
  readonly #lock: OwnerLock;

  constructor(core: MailboxCore, lock: OwnerLock) {
    this.core = core;
    this.#lock = lock;
  }

  /** Waits for what is under way, then refuses everything; all of it is durable then. */
  stop(): Promise<void> {
    return this.core.stop();
  }

  /**
   * Once it is stopped. Resolves when the mailbox may be opened again, here or elsewhere.
   *
   * @param isWrittenBack Two or three syncs, in the line of the maintenance thread; else none.
   */
  async close(isWrittenBack: boolean): Promise<void> {
    const mayWriteBack = isWrittenBack && !this.core.hasFailed;
    if (mayWriteBack && (await this.#writeBackAndClose())) return;
    if (this.core.hasFailed || mayWriteBack) await this.#abandon();
    else await this.#leaveLog();
  }

  /** @returns False if nothing was done, because maintenance failed. */
  async #writeBackAndClose(): Promise<boolean> {
    const { maintenance, layout, database, log } = this.core.parts;
    try {
      await maintenance.hold(layout.database);
    } catch {
      return false;
    }
    try {
      await log.close();
      database.close();
      await maintenance.release(layout.database);
    } finally {
      // Whatever failed: the next owner recovers from the WAL.
      this.#lock.release();
    }
    return true;
  }

  /** Every commit in it is synced: the next opening writes it back, as after a crash. */
  async #leaveLog(): Promise<void> {
    const { layout, database, log } = this.core.parts;
    try {
      await log.close();
      closeWithoutWriteBack(database, layout);
    } finally {
      this.#lock.release();
    }
  }

  /** If even this fails, the lock stays, and the mailbox shut, until the process ends. */
  async #abandon(): Promise<void> {
    const { files, layout, database, log } = this.core.parts;
    const trustedBytes = log.trustedLengthBytes();
    await log.close();
    closeWithoutWriteBack(database, layout);
    await files.truncateLog(layout.wal, trustedBytes);
    // Readers elsewhere would keep the index of what was cut off.
    await files.invalidateLogIndex(layout.logIndex);
    this.#lock.release();
  }
}

/** A read-only connection cannot write back, and while it is there ours does not either. */
function closeWithoutWriteBack(database: Database, layout: MailboxLayout): void {
  const keeper = openDatabase(layout.database, { isReadOnly: true });
  keeper.statement('SELECT id FROM mailbox').row();
  database.close();
  keeper.close();
}

export async function openOwnedMailbox(
  parts: StoreParts,
  layout: MailboxLayout,
  accountId: string,
  options: OpenOptions,
  onBroken: () => void,
): Promise<Outcome<OwnedMailbox, OpenRefusal>> {
  let lock: OwnerLock | undefined;
  try {
    if (!(await makeFolders(parts, layout, options.create))) return refuse('nonexistent');
    lock = OwnerLock.acquire(layout.ownerLock);
    if (lock === undefined) return refuse('locked');
    const former = options.create ? await listStatesOf({ root: parts.root, accountId }) : [];
    const prepared = await parts.maintenance.prepare({
      databasePath: layout.database,
      messagesPath: layout.messages,
      lostPath: layout.lost,
      accountId,
      epoch: options.epoch,
      mayCreate: options.create,
      formerDatabases: former.map(({ database }) => database),
      nowMs: parts.clock.nowMs(),
      defaultFolders: parts.defaultFolders,
    });
    if (!prepared.ok) {
      lock.release();
      return refuse(prepared.reason === 'nonexistent' ? 'nonexistent' : 'unavailable');
    }
    if (prepared.isNew) parts.report({ name: 'mailbox.created', accountId });
    if (prepared.orphanCount > 0) {
      parts.report({ name: 'mailbox.orphans-put-aside', accountId, count: prepared.orphanCount });
    }
    const core = await openCore(parts, layout, onBroken);
    return { ok: true, value: new OwnedMailbox(core, lock) };
  } catch (error) {
    lock?.release();
    if (!isVolumeFault(error)) throw error;
    parts.report({ name: 'mailbox.maintenance-failed', accountId, code: errorCode(error) });
    return refuse('unavailable');
  }
}

/** Maintenance holds a connection; ours takes over from it. */
async function openCore(
  parts: StoreParts,
  layout: MailboxLayout,
  onBroken: () => void,
): Promise<MailboxCore> {
  let database: Database | undefined;
  let log: WalLog | undefined;
  try {
    database = parts.openDatabase(layout.database);
    database.statement('SELECT id FROM mailbox').row();
    log = await WalLog.open(database, parts.files, layout.wal);
    // If others read the database, the WAL could not be emptied: what is in there counts now.
    log.mark();
    if (log.lengthBytes > 0) await log.sync();
    await parts.files.syncFolder(layout.folder);
    await parts.maintenance.release(layout.database);
    return new MailboxCore({ ...parts, layout, database, log, onBroken });
  } catch (error) {
    await log?.close();
    database?.close();
    await parts.maintenance.release(layout.database);
    throw error;
  }
}

/** @returns False if the mailbox is not there and must not be made. */
async function makeFolders(
  parts: StoreParts,
  layout: MailboxLayout,
  mayCreate: boolean,
): Promise<boolean> {
  const { files, root } = parts;
  // The database comes last: where it is, all folders are there and synced.
  if (await files.exists(layout.database)) return true;
  if (!mayCreate) return false;
  if (await files.makeFolder(root)) await files.syncFolder(dirname(root));
  for (const folder of [layout.spreadFolder, layout.folder, layout.messages]) {
    await files.makeFolder(folder);
    // Also if it was there: whoever made it may have died before this.
    await files.syncFolder(dirname(folder));
  }
  return true;
}

function refuse(reason: OpenRefusal): { readonly ok: false; readonly reason: OpenRefusal } {
  return { ok: false, reason };
}

/** Errors of the system and of SQLite carry a code; bugs do not. */
function isVolumeFault(error: unknown): boolean {
  return error instanceof ThreadError || (error instanceof Error && 'code' in error);
}
