/**
 * Removes, a little at a time, what published commits have left without use: messages in no
 * folder, and the contents of deleted folders. Freeing the pages of octets is the slow part
 * of deleting mail, so nobody waits for it.
 */
import type { MailboxTransaction } from '../mailbox-transaction.ts';

/** Messages, or places of a deleted folder, in one transaction: about 4 ms. */
const STEP_MESSAGES = 64;
const STEP_PLACES = 400;
/** What goes with a message. */
export const MESSAGE_TABLES = [
  'summary',
  'header',
  'shape',
  'content',
  'preview',
  'sort_fact',
] as const;
/** What goes with a folder when its places are gone. */
const FOLDER_TABLES = ['flag_state', 'expunged', 'save_date', 'metadata', 'access_right'] as const;

export interface RemovedGarbage {
  /** Files that may be removed once this transaction is durable. */
  readonly files: string[];
  readonly isMoreLeft: boolean;
}

export function removeGarbage(tx: MailboxTransaction): RemovedGarbage {
  const folder = tx.database.statement('SELECT id FROM folder WHERE path IS NULL LIMIT 1').row();
  if (folder !== undefined) {
    emptyDeletedFolder(tx, Number(folder[0]));
    return { files: [], isMoreLeft: true };
  }
  return removeMessages(tx);
}

function emptyDeletedFolder(tx: MailboxTransaction, folderId: number): void {
  const places = tx.database
    .statement('SELECT uid, message_id FROM placement WHERE folder_id = ? ORDER BY uid LIMIT ?')
    .rows(folderId, STEP_PLACES);
  const lastUid = places.at(-1)?.[0];
  if (lastUid === undefined) {
    for (const table of FOLDER_TABLES) {
      tx.database.statement(`DELETE FROM ${table} WHERE folder_id = ?`).run(folderId);
    }
    tx.database.statement('DELETE FROM folder WHERE id = ?').run(folderId);
    return;
  }
  const release = tx.database.statement(
    'UPDATE message SET ref_count = ref_count - 1 WHERE id = ?',
  );
  for (const [, messageId] of places) release.run(Number(messageId));
  for (const table of ['placement', 'flag_state']) {
    tx.database
      .statement(`DELETE FROM ${table} WHERE folder_id = ? AND uid <= ?`)
      .run(folderId, lastUid);
  }
}

function removeMessages(tx: MailboxTransaction): RemovedGarbage {
  const rows = tx.database
    .statement('SELECT id, file FROM message WHERE ref_count = 0 LIMIT ?')
    .rows(STEP_MESSAGES);
  const files: string[] = [];
  for (const [id, file] of rows) {
    if (file !== null) files.push(String(file));
    for (const table of MESSAGE_TABLES) {
      tx.database.statement(`DELETE FROM ${table} WHERE message_id = ?`).run(Number(id));
    }
    tx.database.statement('DELETE FROM message WHERE id = ?').run(Number(id));
  }
  return { files, isMoreLeft: rows.length === STEP_MESSAGES };
}
