/**
 * When messages came into their folder (RFC 8514), to the second. UIDs are given in the order
 * of time, so one row tells it for a run of them: from its first UID to the next row's.
 */
import type { Database } from '@homeward/durable-store';
import type { MailboxTransaction } from '../mailbox-transaction.ts';

const LAST_RUN = `SELECT saved_ms FROM save_date WHERE folder_id = ?
  ORDER BY from_uid DESC LIMIT 1`;
const RUN_OF = `SELECT from_uid, saved_ms FROM save_date WHERE folder_id = ? AND from_uid <= ?
  ORDER BY from_uid DESC LIMIT 1`;
const NEXT_RUN = `SELECT from_uid FROM save_date WHERE folder_id = ? AND from_uid > ?
  ORDER BY from_uid LIMIT 1`;

/** Notes that a message came with this transaction. */
export function noteSaveDate(tx: MailboxTransaction, folderId: number, uid: number): void {
  if (!tx.isFirstPlacementIn(folderId)) return;
  const savedMs = tx.database.statement(LAST_RUN).row(folderId)?.[0];
  if (typeof savedMs === 'number' && secondOf(savedMs) === secondOf(tx.nowMs)) return;
  tx.database.statement('INSERT INTO save_date VALUES (?, ?, ?)').run(folderId, uid, tx.nowMs);
}

/** @returns undefined if it is not known. */
export function readSaveDate(
  database: Database,
  folderId: number,
  uid: number,
): number | undefined {
  const savedMs = database.statement(RUN_OF).row(folderId, uid)?.[1];
  return typeof savedMs === 'number' ? savedMs : undefined;
}

/**
 * Removes the runs of messages that are gone, if nothing else is in them.
 *
 * @param uids Ascending.
 */
export function dropSaveDates(
  tx: MailboxTransaction,
  folderId: number,
  uids: readonly number[],
): void {
  const isUsed = tx.database.statement(
    'SELECT 1 FROM placement WHERE folder_id = ? AND uid >= ? AND uid < ? LIMIT 1',
  );
  const remove = tx.database.statement(
    'DELETE FROM save_date WHERE folder_id = ? AND from_uid = ?',
  );
  let checkedUpTo = 0;
  for (const uid of uids) {
    if (uid < checkedUpTo) continue;
    const from = tx.database.statement(RUN_OF).row(folderId, uid)?.[0];
    const next = tx.database.statement(NEXT_RUN).row(folderId, uid)?.[0];
    checkedUpTo = next === undefined ? Infinity : Number(next);
    if (from === undefined || isUsed.row(folderId, Number(from), checkedUpTo)) continue;
    remove.run(folderId, Number(from));
  }
}

function secondOf(epochMs: number): number {
  return Math.floor(epochMs / 1000);
}
