/** Changes the flags of messages in one folder; a caller with many does it in several calls. */
import type { FlagChange, Outcome } from '../api.ts';
import type { FlagBounds, InternedFlags } from '../flag-sets.ts';
import type { FolderDraft, MailboxTransaction } from '../mailbox-transaction.ts';

export interface FlagChangeBounds extends FlagBounds {
  /** A message's size if the folder is in memory and shows it. */
  publishedSizeBytes(folderId: number, uid: number): number | undefined;
}

/** A change that spares messages whose mod-sequence is above `unchangedSince`. */
export interface ConditionalFlagChange extends FlagChange {
  /** `Infinity`: no condition. */
  readonly unchangedSince: number;
}

/** UIDs of messages that were gone, and of those that the condition spared. */
export interface UnchangedUids {
  readonly missing: number[];
  readonly modified: number[];
}

/** Messages whose flags are as wanted already keep their mod-sequence (RFC 7162 §3.1.3). */
export function changeFlags(
  tx: MailboxTransaction,
  folderId: number,
  uids: readonly number[],
  change: ConditionalFlagChange,
  bounds: FlagChangeBounds,
): Outcome<UnchangedUids> {
  const folder = tx.findFolderById(folderId);
  if (folder === undefined) return { ok: false, reason: 'nonexistent' };
  const names = tx.flagSets.canonicalize(change.flags, bounds);
  if (!names.ok) return names;
  const canonical = { kind: change.kind, flags: names.names };
  const select = tx.database.statement(
    'SELECT flag_set_id, mod_seq FROM flag_state WHERE folder_id = ? AND uid = ?',
  );
  const update = tx.database.statement(
    'UPDATE flag_state SET flag_set_id = ?, mod_seq = ? WHERE folder_id = ? AND uid = ?',
  );
  const unchanged: UnchangedUids = { missing: [], modified: [] };
  for (const uid of uids) {
    const row = select.row(folderId, uid);
    if (row === undefined) {
      unchanged.missing.push(uid);
      continue;
    }
    if (Number(row[1]) > change.unchangedSince) {
      unchanged.modified.push(uid);
      continue;
    }
    const before = tx.flagSets.getById(Number(row[0]));
    const after = tx.flagSets.applyChange(before, canonical, bounds);
    if (after === undefined) return { ok: false, reason: 'too-many' };
    if (after === before) continue;
    const modSeq = tx.takeModSeq();
    update.run(after.id, modSeq, folderId, uid);
    folder.highestModSeq = modSeq;
    countFlags(tx, folder, uid, { before, after }, bounds);
    tx.deltaOf(folderId).flagged.push({ uid, flagSetId: after.id });
  }
  return { ok: true, value: unchanged };
}

/** Keeps the folder's sums. */
function countFlags(
  tx: MailboxTransaction,
  folder: FolderDraft,
  uid: number,
  { before, after }: { readonly before: InternedFlags; readonly after: InternedFlags },
  bounds: FlagChangeBounds,
): void {
  folder.unseenCount += Number(before.isSeen) - Number(after.isSeen);
  if (before.isDeleted === after.isDeleted) return;
  const sign = after.isDeleted ? 1 : -1;
  folder.deletedCount += sign;
  folder.deletedBytes +=
    sign * (bounds.publishedSizeBytes(folder.id, uid) ?? readSizeBytes(tx, folder.id, uid));
}

function readSizeBytes(tx: MailboxTransaction, folderId: number, uid: number): number {
  const row = tx.database
    .statement(
      `SELECT m.size_bytes FROM placement p JOIN message m ON m.id = p.message_id
       WHERE p.folder_id = ? AND p.uid = ?`,
    )
    .row(folderId, uid);
  if (row === undefined) throw new Error('flags without a message');
  return Number(row[0]);
}
