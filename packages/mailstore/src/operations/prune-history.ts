/**
 * Forgets a folder's oldest expunges, a little at a time, and when those messages had come. What
 * is kept is complete from `historyFrom` on, so that nobody takes a part of the history for the
 * whole: that moves first, and rows that it has passed go afterwards.
 */
import type { Outcome } from '../api.ts';
import type { FolderDraft, MailboxTransaction } from '../mailbox-transaction.ts';
import { dropSaveDates } from './save-dates.ts';

/** Rows removed in one transaction: about 4 ms. */
const STEP_ROWS = 500;
/** Rows that `historyFrom` moves over at once: to find the last takes about 1 ms. */
const STRIDE_ROWS = 5000;

/** A history this much longer than wanted is worth pruning. */
const SLACK = 1.25;

/** True if a folder with so many remembered expunges should be pruned to `keptCount`. */
export function isHistoryLong(historyCount: number, keptCount: number): boolean {
  return historyCount > keptCount * SLACK;
}

/**
 * Forgets all but the last `keptCount` expunges, and of those none whose mod-sequence some
 * forgotten one has. Expunges of one mod-sequence may be all of a folder.
 *
 * @returns True if there is more to do.
 */
export function pruneHistory(
  tx: MailboxTransaction,
  folderId: number,
  keptCount: number,
): Outcome<boolean> {
  const folder = tx.findFolderById(folderId);
  if (folder === undefined) return { ok: true, value: false };
  if (removePassed(tx, folder)) return { ok: true, value: true };
  const surplus = folder.historyCount - keptCount;
  if (surplus <= 0) return { ok: true, value: false };
  const last = tx.database
    .statement('SELECT mod_seq FROM expunged WHERE folder_id = ? ORDER BY mod_seq LIMIT 1 OFFSET ?')
    .row(folderId, Math.min(surplus, STRIDE_ROWS) - 1);
  if (last === undefined) return { ok: true, value: false };
  folder.historyFrom = Number(last[0]);
  return { ok: true, value: true };
}

/** @returns False if there was nothing to remove. */
function removePassed(tx: MailboxTransaction, folder: FolderDraft): boolean {
  const rows = tx.database
    .statement(
      `SELECT mod_seq, uid FROM expunged WHERE folder_id = ? AND mod_seq <= ?
       ORDER BY mod_seq, uid LIMIT ${STEP_ROWS}`,
    )
    .rows(folder.id, folder.historyFrom);
  const last = rows.at(-1);
  if (last === undefined) return false;
  folder.historyCount -= tx.database
    .statement('DELETE FROM expunged WHERE folder_id = ? AND (mod_seq, uid) <= (?, ?)')
    .run(folder.id, Number(last[0]), Number(last[1]));
  const uids = rows.map(([, uid]) => Number(uid));
  dropSaveDates(
    tx,
    folder.id,
    uids.sort((a, b) => a - b),
  );
  return true;
}
