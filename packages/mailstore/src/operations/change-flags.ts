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

/** One message's flags before and after. */
interface Changed {
  readonly uid: number;
  readonly before: InternedFlags;
  readonly after: InternedFlags;
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
  const unchanged: UnchangedUids = { missing: [], modified: [] };
  const changes: Changed[] = [];
  const results = new Map<InternedFlags, InternedFlags>();
  for (const [uid, flagSetId, modSeq] of readFlagStates(tx, folderId, uids)) {
    if (flagSetId === undefined) unchanged.missing.push(uid);
    else if (modSeq > change.unchangedSince) unchanged.modified.push(uid);
    else {
      const before = tx.flagSets.getById(flagSetId);
      const after = results.get(before) ?? tx.flagSets.applyChange(before, canonical, bounds);
      if (after === undefined) return { ok: false, reason: 'too-many' };
      results.set(before, after);
      if (after !== before) changes.push({ uid, before, after });
    }
  }
  if (changes.length > 0) writeChanges(tx, folder, changes, bounds);
  return { ok: true, value: unchanged };
}

/** In the order of `uids`: UID, flag set and mod-sequence; undefined where there is nothing. */
function readFlagStates(
  tx: MailboxTransaction,
  folderId: number,
  uids: readonly number[],
): (readonly [number, number | undefined, number])[] {
  const rows = tx.database
    .statement(
      `SELECT j.value, f.flag_set_id, f.mod_seq FROM json_each(?2) j
       LEFT JOIN flag_state f ON f.folder_id = ?1 AND f.uid = j.value`,
    )
    .rows(folderId, JSON.stringify(uids));
  return rows.map(([uid, flagSetId, modSeq]) => [
    Number(uid),
    flagSetId === null ? undefined : Number(flagSetId),
    Number(modSeq),
  ]);
}

/** A statement for each set of flags that comes of it: few, however many messages. */
function writeChanges(
  tx: MailboxTransaction,
  folder: FolderDraft,
  changes: readonly Changed[],
  bounds: FlagChangeBounds,
): void {
  const modSeq = tx.takeModSeq();
  const { flagged } = tx.deltaOf(folder.id);
  const byResult = new Map<number, number[]>();
  for (const changed of changes) {
    const { uid, after } = changed;
    const uids = byResult.get(after.id);
    if (uids === undefined) byResult.set(after.id, [uid]);
    else uids.push(uid);
    countFlags(tx, folder, changed, bounds);
    flagged.push({ uid, flagSetId: after.id });
  }
  const update = tx.database.statement(
    `UPDATE flag_state SET flag_set_id = ?, mod_seq = ?
     WHERE folder_id = ? AND uid IN (SELECT value FROM json_each(?))`,
  );
  for (const [flagSetId, uids] of byResult) {
    update.run(flagSetId, modSeq, folder.id, JSON.stringify(uids));
  }
  folder.highestModSeq = modSeq;
}

/** Keeps the folder's sums. */
function countFlags(
  tx: MailboxTransaction,
  folder: FolderDraft,
  { uid, before, after }: Changed,
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
