/**
 * One short transaction on a mailbox's database: rows of folders and the mailbox as they are
 * committed (not as they are published), counters that only grow, and the record of what
 * changes for `Publication`. It neither begins nor commits: `commit-queue.ts` does.
 *
 * The operations in `operations/` are functions over it.
 */
import type { Database, Row } from '@homeward/durable-store';
import type { RestDescription, SpecialUse } from './api.ts';
import type { FlagSetTable } from './flag-sets.ts';
import type { FolderDelta, FolderRecord, Publication, UsageRecord } from './publication.ts';

const FOLDER_COLUMNS = `id, path, object_id, uid_validity, uid_next, highest_mod_seq, recent_from,
  message_count, unseen_count, recent_count, total_bytes, special_use, is_selectable,
  deleted_count, deleted_bytes, history_from, history_count`;

/** A folder's row while a transaction works on it. */
export type FolderDraft = { -readonly [Key in keyof FolderRecord]: FolderRecord[Key] };

interface MailboxDraft {
  modSeq: number;
  nextUidValidity: number;
  nextMessageId: number;
  messageCount: number;
  totalBytes: number;
}

export function readFolderRow(row: Row): FolderDraft {
  return {
    id: Number(row[0]),
    path: String(row[1]),
    objectId: String(row[2]),
    uidValidity: Number(row[3]),
    uidNext: Number(row[4]),
    highestModSeq: Number(row[5]),
    recentFrom: Number(row[6]),
    messageCount: Number(row[7]),
    unseenCount: Number(row[8]),
    recentCount: Number(row[9]),
    totalBytes: Number(row[10]),
    specialUse: row[11] === null ? undefined : (String(row[11]) as SpecialUse),
    isSelectable: row[12] === 1,
    deletedCount: Number(row[13]),
    deletedBytes: Number(row[14]),
    historyFrom: Number(row[15]),
    historyCount: Number(row[16]),
  };
}

/** All folders that have a path. */
export function readAllFolders(database: Database): FolderDraft[] {
  const sql = `SELECT ${FOLDER_COLUMNS} FROM folder WHERE path IS NOT NULL`;
  return database.statement(sql).rows().map(readFolderRow);
}

/** @returns undefined once the folder was deleted. */
export function findFolderRow(database: Database, id: number): FolderDraft | undefined {
  const sql = `SELECT ${FOLDER_COLUMNS} FROM folder WHERE id = ? AND path IS NOT NULL`;
  const row = database.statement(sql).row(id);
  return row === undefined ? undefined : readFolderRow(row);
}

export class MailboxTransaction {
  readonly database: Database;
  readonly flagSets: FlagSetTable;
  readonly nowMs: number;
  /** Set when messages or folders are left to be removed later. */
  leavesGarbage = false;
  readonly #mailbox: MailboxDraft;
  readonly #folders = new Map<number, FolderDraft>();
  readonly #placedIn = new Set<number>();
  readonly #removedFolderIds = new Set<number>();
  readonly #deltas = new Map<number, FolderDelta>();
  readonly #subscriptions = new Map<string, boolean>();
  readonly #metadataFolderIds = new Set<number>();
  readonly #rights = new Map<number, ReadonlyMap<string, string>>();
  readonly #putOff = new Map<number, () => RestDescription>();
  #madeUp: readonly number[] = [];
  #epoch: number | undefined;
  #isUsageChanged = false;
  #isMailboxChanged = false;
  #hasModSeq = false;

  constructor(database: Database, flagSets: FlagSetTable, nowMs: number) {
    this.database = database;
    this.flagSets = flagSets;
    this.nowMs = nowMs;
    const row = database
      .statement(
        'SELECT mod_seq, next_uid_validity, next_message_id, message_count, total_bytes FROM mailbox',
      )
      .row();
    if (row === undefined) throw new Error('the mailbox row is missing');
    const [modSeq, nextUidValidity, nextMessageId, messageCount, totalBytes] = row.map(Number);
    if (
      modSeq === undefined ||
      nextUidValidity === undefined ||
      nextMessageId === undefined ||
      messageCount === undefined ||
      totalBytes === undefined
    ) {
      throw new Error('the mailbox row is short');
    }
    this.#mailbox = { modSeq, nextUidValidity, nextMessageId, messageCount, totalBytes };
  }

  /** Total size of all messages, each copy counted, as this transaction sees it. */
  get totalBytes(): number {
    return this.#mailbox.totalBytes;
  }

  /** Number of all messages, counted likewise. */
  get messageCount(): number {
    return this.#mailbox.messageCount;
  }

  /** True once for each folder. */
  isFirstPlacementIn(folderId: number): boolean {
    if (this.#placedIn.has(folderId)) return false;
    this.#placedIn.add(folderId);
    return true;
  }

  /** This transaction's modification sequence, taken at the first use. */
  takeModSeq(): number {
    if (!this.#hasModSeq) {
      this.#hasModSeq = true;
      this.#isMailboxChanged = true;
      this.#mailbox.modSeq += 1;
    }
    return this.#mailbox.modSeq;
  }

  takeMessageId(): number {
    this.#isMailboxChanged = true;
    const id = this.#mailbox.nextMessageId;
    this.#mailbox.nextMessageId += 1;
    return id;
  }

  findFolder(path: string): FolderDraft | undefined {
    const sql = `SELECT ${FOLDER_COLUMNS} FROM folder WHERE path = ?`;
    const row = this.database.statement(sql).row(path);
    return this.#keepDraft(row === undefined ? undefined : readFolderRow(row));
  }

  /** @returns undefined once the folder was deleted. */
  findFolderById(id: number): FolderDraft | undefined {
    const known = this.#folders.get(id);
    return known ?? this.#keepDraft(findFolderRow(this.database, id));
  }

  folderCount(): number {
    const row = this.database.statement('SELECT count(*) FROM folder WHERE path IS NOT NULL').row();
    return Number(row?.[0]);
  }

  hasChildren(path: string): boolean {
    // "0" is the character behind "/": all paths that begin with "path/".
    const sql = 'SELECT 1 FROM folder WHERE path > ? AND path < ? LIMIT 1';
    return this.database.statement(sql).row(`${path}/`, `${path}0`) !== undefined;
  }

  /** @returns Ids of all folders below `path`. */
  descendantIds(path: string): number[] {
    const sql = 'SELECT id FROM folder WHERE path > ? AND path < ?';
    return this.database
      .statement(sql)
      .rows(`${path}/`, `${path}0`)
      .map((row) => Number(row[0]));
  }

  addFolder(
    path: string,
    options: { readonly isSelectable: boolean; readonly specialUse?: SpecialUse | undefined },
  ): FolderDraft {
    const uidValidity = this.#takeUidValidity();
    const modSeq = this.takeModSeq();
    // Unique for ever because the UIDVALIDITY is.
    const objectId = `F${uidValidity.toString(36)}`;
    const insert = this.database.statement(
      `INSERT INTO folder (path, object_id, uid_validity, uid_next, highest_mod_seq, recent_from,
         message_count, unseen_count, recent_count, total_bytes, special_use, is_selectable,
         created_ms, known_mod_seq)
       VALUES (?, ?, ?, 1, ?, 1, 0, 0, 0, 0, ?, ?, ?, ?) RETURNING ${FOLDER_COLUMNS}`,
    );
    const row = insert.row(
      path,
      objectId,
      uidValidity,
      modSeq,
      options.specialUse ?? null,
      options.isSelectable ? 1 : 0,
      this.nowMs,
      modSeq,
    );
    if (row === undefined) throw new Error('INSERT gave no row');
    const draft = readFolderRow(row);
    this.#folders.set(draft.id, draft);
    return draft;
  }

  /** Takes the folder away at once; its contents are removed later. */
  removeFolder(folder: FolderDraft): void {
    this.countMessages(folder, { messages: -folder.messageCount, bytes: -folder.totalBytes });
    this.database.statement('UPDATE folder SET path = NULL WHERE id = ?').run(folder.id);
    this.#folders.delete(folder.id);
    this.#removedFolderIds.add(folder.id);
    this.#deltas.delete(folder.id);
    this.leavesGarbage = true;
    this.takeModSeq();
  }

  /** Gives the folder another path at once. */
  renameFolder(folder: FolderDraft, path: string): void {
    folder.path = path;
    this.database.statement('UPDATE folder SET path = ? WHERE id = ?').run(path, folder.id);
  }

  /** Keeps the sums of the folder and the mailbox together. */
  countMessages(folder: FolderDraft, change: { messages: number; bytes: number }): void {
    folder.messageCount += change.messages;
    folder.totalBytes += change.bytes;
    this.#mailbox.messageCount += change.messages;
    this.#mailbox.totalBytes += change.bytes;
    this.#isMailboxChanged = true;
    this.#isUsageChanged = true;
  }

  /** Says anew what all folders have together. */
  setUsage({ messageCount, totalBytes }: UsageRecord): void {
    this.#mailbox.messageCount = messageCount;
    this.#mailbox.totalBytes = totalBytes;
    this.#isMailboxChanged = true;
    this.#isUsageChanged = true;
  }

  setSubscribed(path: string, isSubscribed: boolean): void {
    const sql = isSubscribed
      ? 'INSERT OR IGNORE INTO subscription (path) VALUES (?)'
      : 'DELETE FROM subscription WHERE path = ?';
    this.database.statement(sql).run(path);
    this.#subscriptions.set(path, isSubscribed);
  }

  hasSpecialUse(use: SpecialUse): boolean {
    const sql = 'SELECT 1 FROM folder WHERE special_use = ? AND path IS NOT NULL LIMIT 1';
    return this.database.statement(sql).row(use) !== undefined;
  }

  /** Says at once what the folder is for. */
  setSpecialUse(folder: FolderDraft, use: SpecialUse | undefined): void {
    folder.specialUse = use;
    this.database
      .statement('UPDATE folder SET special_use = ? WHERE id = ?')
      .run(use ?? null, folder.id);
  }

  /** Annotations of this folder were changed; 0 stands for the mailbox as a whole. */
  noteMetadata(folderId: number): void {
    this.#metadataFolderIds.add(folderId);
  }

  /** The rights of this folder were changed to these. */
  noteRights(folderId: number, rights: ReadonlyMap<string, string>): void {
    this.#rights.set(folderId, rights);
  }

  /** The rest of a new message's description is not written in this transaction. */
  putOffRest(messageId: number, describeRest: () => RestDescription): void {
    this.#putOff.set(messageId, describeRest);
  }

  /** What earlier transactions put off for these messages was written in this one. */
  noteMadeUp(messageIds: readonly number[]): void {
    this.#madeUp = messageIds;
  }

  setEpoch(epoch: number): void {
    this.database.statement('UPDATE mailbox SET epoch = ?').run(epoch);
    this.#epoch = epoch;
  }

  /** Where to note changes to a folder's messages. */
  deltaOf(folderId: number): FolderDelta {
    let delta = this.#deltas.get(folderId);
    if (delta === undefined) {
      delta = { flagged: [], expungedUids: [], appended: [] };
      this.#deltas.set(folderId, delta);
    }
    return delta;
  }

  /** Writes what is still only in memory. Last before COMMIT. */
  finish(commitNumber: number): Publication {
    const update = this.database.statement(
      `UPDATE folder SET uid_next = ?, highest_mod_seq = ?, recent_from = ?, message_count = ?,
         unseen_count = ?, recent_count = ?, total_bytes = ?, deleted_count = ?,
         deleted_bytes = ?, history_from = ?, history_count = ?, known_mod_seq = ?,
         known_uid_next = ? WHERE id = ?`,
    );
    for (const draft of this.#folders.values()) {
      update.run(
        draft.uidNext,
        draft.highestModSeq,
        draft.recentFrom,
        draft.messageCount,
        draft.unseenCount,
        draft.recentCount,
        draft.totalBytes,
        draft.deletedCount,
        draft.deletedBytes,
        draft.historyFrom,
        draft.historyCount,
        draft.highestModSeq,
        draft.uidNext,
        draft.id,
      );
    }
    if (this.#isMailboxChanged) this.#writeMailbox();
    return {
      commitNumber,
      modSeq: this.#mailbox.modSeq,
      folders: [...this.#folders.values()],
      removedFolderIds: [...this.#removedFolderIds],
      deltas: this.#deltas,
      subscriptions: this.#subscriptions,
      metadataFolderIds: this.#metadataFolderIds,
      rights: this.#rights,
      usage: this.#isUsageChanged
        ? { messageCount: this.#mailbox.messageCount, totalBytes: this.#mailbox.totalBytes }
        : undefined,
      lastMessageId: this.#mailbox.nextMessageId - 1,
      epoch: this.#epoch,
      leavesGarbage: this.leavesGarbage,
      putOff: this.#putOff,
      madeUp: this.#madeUp,
    };
  }

  /** One draft for each folder, whichever way it was found. */
  #keepDraft(draft: FolderDraft | undefined): FolderDraft | undefined {
    if (draft === undefined) return undefined;
    const known = this.#folders.get(draft.id);
    if (known !== undefined) return known;
    this.#folders.set(draft.id, draft);
    return draft;
  }

  #takeUidValidity(): number {
    this.#isMailboxChanged = true;
    // Above every earlier one, and above what the same account had in a lost mailbox if the
    // clock is right (RFC 3501 §2.3.1.1).
    const value = Math.max(this.#mailbox.nextUidValidity, Math.floor(this.nowMs / 1000));
    this.#mailbox.nextUidValidity = value + 1;
    return value;
  }

  #writeMailbox(): void {
    this.database
      .statement(
        `UPDATE mailbox SET mod_seq = ?, next_uid_validity = ?, next_message_id = ?,
           message_count = ?, total_bytes = ?`,
      )
      .run(
        this.#mailbox.modSeq,
        this.#mailbox.nextUidValidity,
        this.#mailbox.nextMessageId,
        this.#mailbox.messageCount,
        this.#mailbox.totalBytes,
      );
  }
}
