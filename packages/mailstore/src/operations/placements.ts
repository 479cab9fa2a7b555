/**
 * Places of messages in folders, many by one statement: a statement for each row would take
 * three times as long. Numbers of rows go in as JSON, which SQLite reads as a table.
 */
import type { FolderDraft, MailboxTransaction } from '../mailbox-transaction.ts';
import { noteSaveDate } from './save-dates.ts';

/** UIDs are 32-bit numbers (RFC 9051 §2.3.1.1). */
export const LAST_UID = 0xffff_fffe;

/** A message's place. */
export interface PlacementRow {
  readonly uid: number;
  readonly messageId: number;
  readonly sizeBytes: number;
  readonly epochMs: number;
  readonly zoneMinutes: number;
  readonly flagSetId: number;
}

/** In the order of `uids`; those that are gone are left out. */
export function readPlacements(
  tx: MailboxTransaction,
  folderId: number,
  uids: readonly number[],
): PlacementRow[] {
  const rows = tx.database
    .statement(
      `SELECT p.uid, p.message_id, m.size_bytes, p.internal_ms, p.zone_minutes, f.flag_set_id
       FROM json_each(?2) j
       CROSS JOIN placement p ON p.folder_id = ?1 AND p.uid = j.value
       JOIN flag_state f ON f.folder_id = p.folder_id AND f.uid = p.uid
       JOIN message m ON m.id = p.message_id`,
    )
    .rows(folderId, JSON.stringify(uids));
  return rows.map((row) => ({
    uid: Number(row[0]),
    messageId: Number(row[1]),
    sizeBytes: Number(row[2]),
    epochMs: Number(row[3]),
    zoneMinutes: Number(row[4]),
    flagSetId: Number(row[5]),
  }));
}

/** A new place for a message whose row exists and counts it. */
export interface NewPlacement extends Omit<PlacementRow, 'uid'> {
  /** Whether some session has the folder open for writing, and so learns of it now. */
  readonly isWatched: boolean;
}

/** Gives a message the next UID of a folder. The caller has checked `hasUids`. */
export function placeMessage(
  tx: MailboxTransaction,
  folder: FolderDraft,
  placement: NewPlacement,
): number {
  const uid = folder.uidNext;
  const { messageId, epochMs, zoneMinutes, flagSetId, isWatched } = placement;
  const modSeq = tx.takeModSeq();
  tx.database
    .statement('INSERT INTO placement VALUES (?, ?, ?, ?, ?)')
    .run(folder.id, uid, messageId, epochMs, zoneMinutes);
  tx.database
    .statement('INSERT INTO flag_state VALUES (?, ?, ?, ?)')
    .run(folder.id, uid, flagSetId, modSeq);
  notePlaced(tx, folder, [placement], isWatched);
  return uid;
}

/**
 * Gives messages places in another folder, or once more in their own, with flags and dates as
 * they are. The caller has checked `hasUids`, and counts the references.
 *
 * @param source Where `placements` are.
 * @returns Their UIDs.
 */
export function copyPlacements(
  tx: MailboxTransaction,
  source: FolderDraft,
  placements: readonly PlacementRow[],
  target: FolderDraft,
  isWatched: boolean,
): number[] {
  const firstUid = target.uidNext;
  const modSeq = tx.takeModSeq();
  const uids = JSON.stringify(placements.map(({ uid }) => uid));
  tx.database
    .statement(
      `INSERT INTO placement
       SELECT ?1, ?2 + j.key, p.message_id, p.internal_ms, p.zone_minutes
       FROM json_each(?4) j CROSS JOIN placement p ON p.folder_id = ?3 AND p.uid = j.value`,
    )
    .run(target.id, firstUid, source.id, uids);
  tx.database
    .statement(
      `INSERT INTO flag_state
       SELECT ?1, ?2 + j.key, f.flag_set_id, ?5
       FROM json_each(?4) j CROSS JOIN flag_state f ON f.folder_id = ?3 AND f.uid = j.value`,
    )
    .run(target.id, firstUid, source.id, uids, modSeq);
  notePlaced(tx, target, placements, isWatched);
  return placements.map((_, at) => firstUid + at);
}

/** Keeps sums and counters, and tells of the new places: from `uidNext` on. */
function notePlaced(
  tx: MailboxTransaction,
  folder: FolderDraft,
  placements: readonly Omit<PlacementRow, 'uid'>[],
  isWatched: boolean,
): void {
  const modSeq = tx.takeModSeq();
  const { appended } = tx.deltaOf(folder.id);
  let bytes = 0;
  noteSaveDate(tx, folder.id, folder.uidNext);
  for (const { messageId, sizeBytes, epochMs, zoneMinutes, flagSetId } of placements) {
    const flags = tx.flagSets.getById(flagSetId);
    bytes += sizeBytes;
    if (!flags.isSeen) folder.unseenCount += 1;
    if (flags.isDeleted) {
      folder.deletedCount += 1;
      folder.deletedBytes += sizeBytes;
    }
    const uid = folder.uidNext;
    appended.push({ uid, messageId, sizeBytes, epochMs, zoneMinutes, flagSetId, modSeq });
    folder.uidNext = uid + 1;
  }
  folder.highestModSeq = modSeq;
  tx.countMessages(folder, { messages: placements.length, bytes });
  // Recent to the session that has it open (RFC 3501 §2.3.2), else to the next one.
  if (isWatched) {
    folder.recentFrom = folder.uidNext;
    folder.recentCount = 0;
  } else folder.recentCount += placements.length;
}

/** True if a folder can give so many more UIDs. */
export function hasUids(folder: FolderDraft, count: number): boolean {
  return folder.uidNext + count - 1 <= LAST_UID;
}

/** Gives up places without touching the messages themselves, and notes their UIDs as gone. */
export function removePlacements(
  tx: MailboxTransaction,
  folder: FolderDraft,
  placements: readonly PlacementRow[],
): void {
  if (placements.length === 0) return;
  const modSeq = tx.takeModSeq();
  const uids = placements.map(({ uid }) => uid);
  const list = JSON.stringify(uids);
  for (const table of ['placement', 'flag_state']) {
    tx.database
      .statement(
        `DELETE FROM ${table}
         WHERE folder_id = ? AND uid IN (SELECT value FROM json_each(?))`,
      )
      .run(folder.id, list);
  }
  tx.database
    .statement('INSERT INTO expunged SELECT ?, ?, value FROM json_each(?)')
    .run(folder.id, modSeq, list);
  let bytes = 0;
  for (const { uid, sizeBytes, flagSetId } of placements) {
    const flags = tx.flagSets.getById(flagSetId);
    bytes += sizeBytes;
    if (!flags.isSeen) folder.unseenCount -= 1;
    if (flags.isDeleted) {
      folder.deletedCount -= 1;
      folder.deletedBytes -= sizeBytes;
    }
    if (uid >= folder.recentFrom) folder.recentCount -= 1;
  }
  folder.historyCount += placements.length;
  folder.highestModSeq = modSeq;
  tx.countMessages(folder, { messages: -placements.length, bytes: -bytes });
  tx.deltaOf(folder.id).expungedUids.push(...uids);
}

/** Changes by one how many places each message has; without any it awaits removal. */
export function countReferences(
  tx: MailboxTransaction,
  placements: readonly PlacementRow[],
  sign: 1 | -1,
): void {
  // A message may be among them several times.
  tx.database
    .statement(
      `UPDATE message SET ref_count = ref_count + ? * uses.count
       FROM (SELECT value AS id, count(*) AS count FROM json_each(?) GROUP BY value) AS uses
       WHERE message.id = uses.id`,
    )
    .run(sign, JSON.stringify(placements.map(({ messageId }) => messageId)));
  if (sign < 0) tx.leavesGarbage = true;
}
