/**
 * What the world may know of a mailbox's folders: the state as of the last synced commit, in
 * memory. Only `apply` changes it.
 */
import type { Database } from '@homeward/durable-store';
import type { FolderStatus, FolderSummary, MailboxUsage, ModSeq, Uid, UidValidity } from './api.ts';
import { parentPath } from './folder-path.ts';
import { readAllFolders } from './mailbox-transaction.ts';
import { readAllRights, type AccessRights } from './operations/access-rights.ts';
import type { FolderRecord, Publication } from './publication.ts';

const NO_RIGHTS: AccessRights = new Map();

export class PublishedMailbox {
  readonly accountId: string;
  readonly createdMs: number;
  /** The site that the mailbox was sealed for, or undefined while it is active. */
  readonly sealedTo: string | undefined;
  readonly #byId = new Map<number, FolderRecord>();
  readonly #byPath = new Map<string, FolderRecord>();
  readonly #subscriptions: Set<string>;
  readonly #rights: Map<number, AccessRights>;
  #epoch: number;
  #usage: MailboxUsage;
  #lastMessageId: number;

  /** Reads a database on which no commit is unsynced. */
  constructor(database: Database) {
    const row = database
      .statement(
        `SELECT account_id, epoch, state, sealed_to, message_count, total_bytes, created_ms,
           next_message_id FROM mailbox`,
      )
      .row();
    if (row === undefined) throw new Error('the mailbox row is missing');
    this.accountId = String(row[0]);
    this.#epoch = Number(row[1]);
    this.sealedTo = row[2] === 'active' ? undefined : String(row[3] ?? '');
    this.#usage = { messageCount: Number(row[4]), totalBytes: Number(row[5]) };
    this.createdMs = Number(row[6]);
    this.#lastMessageId = Number(row[7]) - 1;
    const subscriptions = database.statement('SELECT path FROM subscription').rows();
    this.#subscriptions = new Set(subscriptions.map(([path]) => String(path)));
    this.#rights = readAllRights(database);
    for (const record of readAllFolders(database)) this.#put(record);
  }

  get epoch(): number {
    return this.#epoch;
  }

  /** The highest id that a message has or had; it is never given again. */
  get lastMessageId(): number {
    return this.#lastMessageId;
  }

  get usage(): MailboxUsage {
    return this.#usage;
  }

  findFolder(path: string): FolderRecord | undefined {
    return this.#byPath.get(path);
  }

  findFolderById(id: number): FolderRecord | undefined {
    return this.#byId.get(id);
  }

  /** Who else may do what with a folder. */
  rightsOf(id: number): AccessRights {
    return this.#rights.get(id) ?? NO_RIGHTS;
  }

  folders(): Iterable<FolderRecord> {
    return this.#byId.values();
  }

  apply(publication: Publication): void {
    for (const id of publication.removedFolderIds) {
      this.#remove(id);
      this.#rights.delete(id);
    }
    // All old paths go first: a rename may free a path that another folder takes.
    for (const { id } of publication.folders) this.#remove(id);
    for (const record of publication.folders) this.#put(record);
    for (const [id, rights] of publication.rights) {
      if (rights.size > 0) this.#rights.set(id, rights);
      else this.#rights.delete(id);
    }
    for (const [path, isSubscribed] of publication.subscriptions) {
      if (isSubscribed) this.#subscriptions.add(path);
      else this.#subscriptions.delete(path);
    }
    this.#usage = publication.usage ?? this.#usage;
    this.#epoch = publication.epoch ?? this.#epoch;
    this.#lastMessageId = publication.lastMessageId;
  }

  listFolders(): FolderSummary[] {
    const parents = new Set<string>();
    for (const path of this.#byPath.keys()) parents.add(parentPath(path) ?? '');
    return [...this.#byId.values()].map((record) => ({
      path: record.path,
      isSelectable: record.isSelectable,
      hasChildren: parents.has(record.path),
      isSubscribed: this.#subscriptions.has(record.path),
      specialUse: record.specialUse,
    }));
  }

  listDeadSubscriptions(): string[] {
    return [...this.#subscriptions].filter((path) => !this.#byPath.has(path));
  }

  #put(record: FolderRecord): void {
    this.#byId.set(record.id, record);
    this.#byPath.set(record.path, record);
  }

  #remove(id: number): void {
    const record = this.#byId.get(id);
    if (record === undefined) return;
    this.#byId.delete(id);
    if (this.#byPath.get(record.path) === record) this.#byPath.delete(record.path);
  }
}

export function folderStatus(record: FolderRecord): FolderStatus {
  return {
    messageCount: record.messageCount,
    recentCount: record.recentCount,
    unseenCount: record.unseenCount,
    totalBytes: record.totalBytes,
    deletedCount: record.deletedCount,
    deletedBytes: record.deletedBytes,
    uidNext: record.uidNext as Uid,
    uidValidity: record.uidValidity as UidValidity,
    highestModSeq: record.highestModSeq as ModSeq,
    mailboxId: record.objectId,
  };
}
