/**
 * Reads a folder's rows into a `PublishedIndex`, in chunks between which the event loop turns.
 * The caller holds the commit queue, so no transaction runs meanwhile.
 */
import type { Database } from '@homeward/durable-store';
import { nextTurn } from './commit-queue.ts';
import type { FlagSetTable } from './flag-sets.ts';
import { findFolderRow } from './mailbox-transaction.ts';
import type { FolderRecord, IndexEntry } from './publication.ts';
import { PublishedIndex } from './published-index.ts';

/** About 3 ms of reading. */
const CHUNK_ROWS = 2500;

/** @returns undefined if there is no such folder. */
export async function loadIndex(
  database: Database,
  flagSets: FlagSetTable,
  folderId: number,
): Promise<{ readonly record: FolderRecord; readonly index: PublishedIndex } | undefined> {
  const record = findFolderRow(database, folderId);
  if (record === undefined) return undefined;
  const select = database.statement(
    `SELECT p.uid, p.message_id, m.size_bytes, p.internal_ms, p.zone_minutes, f.flag_set_id,
       f.mod_seq
     FROM placement p
     JOIN flag_state f ON f.folder_id = p.folder_id AND f.uid = p.uid
     JOIN message m ON m.id = p.message_id
     WHERE p.folder_id = ? AND p.uid > ? ORDER BY p.uid LIMIT ?`,
  );
  const index = new PublishedIndex(flagSets, record);
  for (let lastUid = 0; ;) {
    const entries = select.rows(record.id, lastUid, CHUNK_ROWS).map((row): IndexEntry => ({
      uid: Number(row[0]),
      messageId: Number(row[1]),
      sizeBytes: Number(row[2]),
      epochMs: Number(row[3]),
      zoneMinutes: Number(row[4]),
      flagSetId: Number(row[5]),
      modSeq: Number(row[6]),
    }));
    index.append(entries);
    if (entries.length < CHUNK_ROWS) return { record, index };
    lastUid = entries.at(-1)?.uid ?? lastUid;
    await nextTurn();
  }
}
