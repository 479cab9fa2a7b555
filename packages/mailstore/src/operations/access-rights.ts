/**
 * Who else may do what with a folder (RFC 4314): identifiers and letters, whose meaning is the
 * asker's affair. A new folder inherits them from the one above it (RFC 4314 §4).
 */
import type { Database } from '@homeward/durable-store';
import type { Outcome } from '../api.ts';
import { parentPath } from '../folder-path.ts';
import type { FolderDraft, MailboxTransaction } from '../mailbox-transaction.ts';

const RIGHTS = /^[a-z0-9]{0,36}$/;
const IDENTIFIER_BYTES = 255;

export interface AccessBounds {
  readonly accessEntryCount: number;
  readonly accessTotalCount: number;
}

/** Rights by identifier. */
export type AccessRights = ReadonlyMap<string, string>;

/** Of every folder that has some. */
export function readAllRights(database: Database): Map<number, AccessRights> {
  const all = new Map<number, Map<string, string>>();
  const sql = 'SELECT folder_id, identifier, rights FROM access_right';
  for (const [id, identifier, rights] of database.statement(sql).rows()) {
    const known = all.get(Number(id)) ?? new Map<string, string>();
    all.set(Number(id), known.set(String(identifier), String(rights)));
  }
  return all;
}

/**
 * @param path Canonical.
 * @param rights Undefined: the identifier has no entry any more.
 */
export function setRights(
  tx: MailboxTransaction,
  path: string,
  identifier: string,
  rights: string | undefined,
  bounds: AccessBounds,
): Outcome<void> {
  const folder = tx.findFolder(path);
  if (folder === undefined) return { ok: false, reason: 'nonexistent' };
  if (identifier === '' || Buffer.byteLength(identifier) > IDENTIFIER_BYTES) {
    return { ok: false, reason: 'invalid-name' };
  }
  if (rights !== undefined && !RIGHTS.test(rights)) return { ok: false, reason: 'not-permitted' };
  const entries = new Map(readRights(tx.database, folder.id));
  if (rights === undefined) entries.delete(identifier);
  else entries.set(identifier, rights);
  if (entries.size > bounds.accessEntryCount) return { ok: false, reason: 'too-many' };
  writeRights(tx, folder.id, entries);
  const count = tx.database.statement('SELECT count(*) FROM access_right').row()?.[0];
  if (Number(count) > bounds.accessTotalCount) return { ok: false, reason: 'too-many' };
  return { ok: true, value: undefined };
}

/** Gives a folder that was just made the rights of the one above it. */
export function inheritRights(tx: MailboxTransaction, folder: FolderDraft): void {
  const above = parentPath(folder.path);
  const parent = above === undefined ? undefined : tx.findFolder(above);
  if (parent === undefined) return;
  const rights = readRights(tx.database, parent.id);
  if (rights.size > 0) writeRights(tx, folder.id, rights);
}

function readRights(database: Database, folderId: number): AccessRights {
  const rows = database
    .statement('SELECT identifier, rights FROM access_right WHERE folder_id = ?')
    .rows(folderId);
  return new Map(rows.map(([identifier, rights]) => [String(identifier), String(rights)]));
}

function writeRights(tx: MailboxTransaction, folderId: number, entries: AccessRights): void {
  tx.database.statement('DELETE FROM access_right WHERE folder_id = ?').run(folderId);
  const insert = tx.database.statement('INSERT INTO access_right VALUES (?, ?, ?)');
  for (const [identifier, rights] of entries) insert.run(folderId, identifier, rights);
  tx.noteRights(folderId, entries);
}
