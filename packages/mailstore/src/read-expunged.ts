/**
 * A folder's history of expunges, read back for a client that returns after a while (RFC 7162
 * §3.2.5). `prune-history.ts` bounds its length.
 */
import type { Database } from '@homeward/durable-store';
import { nextTurn } from './commit-queue.ts';

/** About 3 ms of reading. */
const CHUNK_ROWS = 5000;

/** Expunges of a folder with a mod-sequence above `after` and at most `upTo`. */
export interface ExpungeSpan {
  readonly folderId: number;
  readonly after: number;
  /** The published highest mod-sequence. */
  readonly upTo: number;
}

/**
 * Reads in chunks between which the event loop turns.
 *
 * @param isUsable False once the database may be closed; asked after every wait.
 * @returns UIDs, ascending; undefined if some of them were forgotten.
 */
export async function readExpunged(
  database: Database,
  { folderId, after, upTo }: ExpungeSpan,
  isUsable: () => boolean,
): Promise<number[] | undefined> {
  const select = database.statement(
    `SELECT mod_seq, uid FROM expunged
     WHERE folder_id = ? AND (mod_seq, uid) > (?, ?) AND mod_seq <= ?
     ORDER BY mod_seq, uid LIMIT ?`,
  );
  const uids: number[] = [];
  for (let last = [after, Number.MAX_SAFE_INTEGER]; ;) {
    const rows = select.rows(folderId, last[0] ?? 0, last[1] ?? 0, upTo, CHUNK_ROWS);
    for (const row of rows) uids.push(Number(row[1]));
    if (rows.length < CHUNK_ROWS) break;
    last = (rows.at(-1) ?? []).map(Number);
    await nextTurn();
    if (!isUsable()) return undefined;
  }
  // Asked last: what was pruned while we read is missing from the rows.
  const row = database.statement('SELECT history_from FROM folder WHERE id = ?').row(folderId);
  if (row === undefined || after < Number(row[0])) return undefined;
  return Array.from(Uint32Array.from(uids).sort());
}
