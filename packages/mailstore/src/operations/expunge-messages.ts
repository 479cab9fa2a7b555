/**
 * Takes messages out of a folder and notes their UIDs in its history. Their octets stay until
 * `remove-garbage.ts` finds that no folder has them.
 */
import type { Outcome } from '../api.ts';
import type { FolderDraft, MailboxTransaction } from '../mailbox-transaction.ts';

/** A message's place, read before it is given up. */
export interface PlacementRow {
  readonly uid: number;
  readonly messageId: number;
  readonly sizeBytes: number;
  readonly epochMs: number;
  readonly zoneMinutes: number;
  readonly flagSetId: number;
}

/** @returns undefined if the message is gone. */
export function findPlacement(
  tx: MailboxTransaction,
  folderId: number,
  uid: number,
): PlacementRow | undefined {
  const row = tx.database
    .statement(
      `SELECT p.message_id, m.size_bytes, p.internal_ms, p.zone_minutes, f.flag_set_id
       FROM placement p
       JOIN flag_state f ON f.folder_id = p.folder_id AND f.uid = p.uid
       JOIN message m ON m.id = p.message_id
       WHERE p.folder_id = ? AND p.uid = ?`,
    )
    .row(folderId, uid);
  if (row === undefined) return undefined;
  return {
    uid,
    messageId: Number(row[0]),
    sizeBytes: Number(row[1]),
    epochMs: Number(row[2]),
    zoneMinutes: Number(row[3]),
    flagSetId: Number(row[4]),
  };
}

/** Gives up a message's place without touching the message itself. */
export function removePlacement(
  tx: MailboxTransaction,
  folder: FolderDraft,
  placement: PlacementRow,
): void {
  const { uid } = placement;
  const modSeq = tx.takeModSeq();
  tx.database
    .statement('DELETE FROM placement WHERE folder_id = ? AND uid = ?')
    .run(folder.id, uid);
  tx.database
    .statement('DELETE FROM flag_state WHERE folder_id = ? AND uid = ?')
    .run(folder.id, uid);
  tx.database.statement('INSERT INTO expunged VALUES (?, ?, ?)').run(folder.id, modSeq, uid);
  folder.highestModSeq = modSeq;
  tx.countMessages(folder, { messages: -1, bytes: -placement.sizeBytes });
  folder.historyCount += 1;
  const flags = tx.flagSets.getById(placement.flagSetId);
  if (!flags.isSeen) folder.unseenCount -= 1;
  if (flags.isDeleted) {
    folder.deletedCount -= 1;
    folder.deletedBytes -= placement.sizeBytes;
  }
  if (uid >= folder.recentFrom) folder.recentCount -= 1;
  tx.deltaOf(folder.id).expungedUids.push(uid);
}

/** Changes how many places a message has; without any it awaits removal. */
export function countReferences(tx: MailboxTransaction, messageId: number, change: number): void {
  tx.database
    .statement('UPDATE message SET ref_count = ref_count + ? WHERE id = ?')
    .run(change, messageId);
  if (change < 0) tx.leavesGarbage = true;
}

/**
 * @param uids Ascending.
 * @param isDeletedOnly Leaves those that are not \Deleted.
 * @returns The removed ones.
 */
export function expungeMessages(
  tx: MailboxTransaction,
  folderId: number,
  uids: readonly number[],
  isDeletedOnly: boolean,
): Outcome<number[]> {
  const folder = tx.findFolderById(folderId);
  if (folder === undefined) return { ok: false, reason: 'nonexistent' };
  const removed: number[] = [];
  for (const uid of uids) {
    const placement = findPlacement(tx, folderId, uid);
    if (placement === undefined) continue;
    if (isDeletedOnly && !tx.flagSets.getById(placement.flagSetId).isDeleted) continue;
    removePlacement(tx, folder, placement);
    countReferences(tx, placement.messageId, -1);
    removed.push(uid);
  }
  return { ok: true, value: removed };
}
