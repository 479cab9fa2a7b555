/** Changes the flags of messages in one folder; a caller with many does it in several calls. */
import type { FlagChange, Outcome } from '../api.ts';
import type { FlagBounds } from '../flag-sets.ts';
import type { MailboxTransaction } from '../mailbox-transaction.ts';

/** Messages whose flags are as wanted already keep their mod-sequence (RFC 7162 §3.1.3). */
export function changeFlags(
  tx: MailboxTransaction,
  folderId: number,
  uids: readonly number[],
  change: FlagChange,
  bounds: FlagBounds,
): Outcome<{ readonly missing: number[] }> {
  const folder = tx.findFolderById(folderId);
  if (folder === undefined) return { ok: false, reason: 'nonexistent' };
  const names = tx.flagSets.canonicalize(change.flags, bounds);
  if (!names.ok) return names;
  const canonical = { kind: change.kind, flags: names.names };
  const select = tx.database.statement(
    'SELECT flag_set_id FROM flag_state WHERE folder_id = ? AND uid = ?',
  );
  const update = tx.database.statement(
    'UPDATE flag_state SET flag_set_id = ?, mod_seq = ? WHERE folder_id = ? AND uid = ?',
  );
  const missing: number[] = [];
  for (const uid of uids) {
    const row = select.row(folderId, uid);
    if (row === undefined) {
      missing.push(uid);
      continue;
    }
    const before = tx.flagSets.getById(Number(row[0]));
    const after = tx.flagSets.applyChange(before, canonical, bounds);
    if (after === undefined) return { ok: false, reason: 'too-many' };
    if (after === before) continue;
    const modSeq = tx.takeModSeq();
    update.run(after.id, modSeq, folderId, uid);
    folder.highestModSeq = modSeq;
    folder.unseenCount += Number(before.isSeen) - Number(after.isSeen);
    tx.deltaOf(folderId).flagged.push({ uid, flagSetId: after.id });
  }
  return { ok: true, value: { missing } };
}
