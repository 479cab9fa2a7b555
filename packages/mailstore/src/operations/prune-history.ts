/**
 * Forgets a folder's oldest expunges, a little at a time, and when those messages had come. What is kept is complete from
 * `historyFrom` on, so that nobody takes a part of the history for the whole.
 */
import type { Outcome } from '../api.ts';
import type { MailboxTransaction } from '../mailbox-transaction.ts';
import { dropSaveDates } from './save-dates.ts';

/** Rows removed in one transaction: about 4 ms. */
const STEP_ROWS = 500;

/** A history this much longer than wanted is worth pruning. */
const SLACK = 1.25;

/** True if a folder with so many remembered expunges should be pruned to `keptCount`. */
export function isHistoryLong(historyCount: number, keptCount: number): boolean {
  return historyCount > keptCount * SLACK;
}

/**
 * Forgets all but the last `keptCount` expunges, and of those none whose mod-sequence some
 * forgotten one has.
 *
 * @returns True if there is more to remove.
 */
export function pruneHistory(
  tx: MailboxTransaction,
  folderId: number,
  keptCount: number,
): Outcome<boolean> {
  const folder = tx.findFolderById(folderId);
  if (folder === undefined) return { ok: true, value: false };
  const surplus = folder.historyCount - keptCount;
  if (surplus <= 0) return { ok: true, value: false };
  const last = tx.database
    .statement('SELECT mod_seq FROM expunged WHERE folder_id = ? ORDER BY mod_seq LIMIT 1 OFFSET ?')
    .row(folderId, Math.min(surplus, STEP_ROWS) - 1);
  if (last === undefined) return { ok: true, value: false };
  // One transaction removes all of a mod-sequence: at most as many as one expunged at once.
  folder.historyFrom = Number(last[0]);
  const removed = tx.database
    .statement('DELETE FROM expunged WHERE folder_id = ? AND mod_seq <= ? RETURNING uid')
    .rows(folderId, folder.historyFrom)
    .map(([uid]) => Number(uid));
  folder.historyCount -= removed.length;
  dropSaveDates(
    tx,
    folderId,
    removed.sort((a, b) => a - b),
  );
  return { ok: true, value: folder.historyCount > keptCount };
}
