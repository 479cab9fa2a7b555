/**
 * Makes up for what code of an older schema version does not know: the sums and histories that
 * later versions keep beside it. Such code may have worked on the mailbox at any time while two
 * releases run side by side, or have made it before this version came to be. Runs in
 * maintenance before a mailbox is opened; costs one query if nothing is to be done.
 */
import type { Database } from '@homeward/durable-store';

/** Tables whose rows older code leaves behind, with what their rows belong to. */
const LEFT_BEHIND = [
  ['preview', 'message_id', 'message'],
  ['sort_fact', 'message_id', 'message'],
  ['save_date', 'folder_id', 'folder'],
  ['access_right', 'folder_id', 'folder'],
] as const;

const FLAGGED_DELETED = `SELECT id FROM flag_set
  WHERE ' ' || names || ' ' LIKE '% \\Deleted %'`;

/** Brings what this version knows in line with what folders hold. */
export function healFolders(database: Database): void {
  const stale = database
    .statement(
      'SELECT id, uid_next, known_uid_next FROM folder WHERE highest_mod_seq <> known_mod_seq',
    )
    .rows();
  if (stale.length === 0) return;
  database.exec('BEGIN IMMEDIATE');
  for (const [id, uidNext, knownUidNext] of stale) {
    // Dates of the messages that came meanwhile are not known.
    if (Number(uidNext) > Number(knownUidNext)) {
      database
        .statement('INSERT OR REPLACE INTO save_date VALUES (?, ?, NULL)')
        .run(Number(id), Number(knownUidNext));
    }
    recountFolder(database, Number(id));
  }
  for (const [table, column, owner] of LEFT_BEHIND) {
    database.exec(`DELETE FROM ${table} WHERE ${column} NOT IN (SELECT id FROM ${owner})`);
  }
  database.exec(
    'DELETE FROM metadata WHERE folder_id <> 0 AND folder_id NOT IN (SELECT id FROM folder)',
  );
  database.exec('COMMIT');
}

function recountFolder(database: Database, folderId: number): void {
  const deleted = database
    .statement(
      `SELECT count(*), coalesce(sum(m.size_bytes), 0) FROM flag_state f
       JOIN placement p ON p.folder_id = f.folder_id AND p.uid = f.uid
       JOIN message m ON m.id = p.message_id
       WHERE f.folder_id = ? AND f.flag_set_id IN (${FLAGGED_DELETED})`,
    )
    .row(folderId);
  const history = database
    .statement('SELECT count(*) FROM expunged WHERE folder_id = ?')
    .row(folderId);
  database
    .statement(
      `UPDATE folder SET deleted_count = ?, deleted_bytes = ?, history_count = ?,
         known_mod_seq = highest_mod_seq, known_uid_next = uid_next WHERE id = ?`,
    )
    .run(Number(deleted?.[0]), Number(deleted?.[1]), Number(history?.[0]), folderId);
}
