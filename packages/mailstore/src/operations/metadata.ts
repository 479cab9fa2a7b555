/**
 * Annotations of folders and of the mailbox as a whole (RFC 5464): names in lower case, values
 * of any octets. They follow their folder's renames and go with it. A folder's special use is
 * one of them (RFC 6154 §4), kept in the folder's row.
 */
import type { Database } from '@homeward/durable-store';
import type { Outcome, SpecialUse } from '../api.ts';
import type { MailboxTransaction } from '../mailbox-transaction.ts';
import { giveSpecialUse } from './special-uses.ts';

/** The folder id that stands for the mailbox as a whole. */
export const WHOLE_MAILBOX = 0;
const SPECIAL_USE_NAME = '/private/specialuse';
const NAME_BYTES = 1000;
const DONE = { ok: true, value: undefined } as const;

export interface MetadataBounds {
  readonly metadataEntryCount: number;
  readonly metadataValueBytes: number;
  readonly metadataTotalBytes: number;
}

/** @param specialUse The folder's. */
export function readMetadata(
  database: Database,
  folderId: number,
  specialUse: SpecialUse | undefined,
): ReadonlyMap<string, Uint8Array> {
  const rows = database
    .statement('SELECT name, value FROM metadata WHERE folder_id = ? ORDER BY name')
    .rows(folderId);
  const entries = new Map<string, Uint8Array>();
  for (const [name, value] of rows) {
    if (value instanceof Uint8Array) entries.set(String(name), value);
  }
  if (specialUse !== undefined) entries.set(SPECIAL_USE_NAME, Buffer.from(specialUse));
  return entries;
}

/**
 * Sets all entries or none.
 *
 * @param path Canonical; undefined: the mailbox as a whole.
 * @param entries Undefined values remove.
 */
export function setMetadata(
  tx: MailboxTransaction,
  path: string | undefined,
  entries: ReadonlyMap<string, Uint8Array | undefined>,
  bounds: MetadataBounds,
): Outcome<void> {
  const folder = path === undefined ? undefined : tx.findFolder(path);
  if (path !== undefined && folder === undefined) return { ok: false, reason: 'nonexistent' };
  const folderId = folder?.id ?? WHOLE_MAILBOX;
  for (const [anyName, value] of entries) {
    const name = anyName.toLowerCase();
    const isUse = folder !== undefined && name === SPECIAL_USE_NAME;
    const set = isUse
      ? giveSpecialUse(tx, folder, useOf(value))
      : setEntry(tx, folderId, name, value, bounds);
    if (!set.ok) return set;
  }
  // Clients that resynchronize are to see that something changed (RFC 7162 §3.2).
  if (folder !== undefined) folder.highestModSeq = tx.takeModSeq();
  tx.noteMetadata(folderId);
  return checkSums(tx, folderId, bounds);
}

function setEntry(
  tx: MailboxTransaction,
  folderId: number,
  name: string,
  value: Uint8Array | undefined,
  bounds: MetadataBounds,
): Outcome<void> {
  if (value === undefined) {
    tx.database
      .statement('DELETE FROM metadata WHERE folder_id = ? AND name = ?')
      .run(folderId, name);
    return DONE;
  }
  if (name === '' || Buffer.byteLength(name) > NAME_BYTES) {
    return { ok: false, reason: 'invalid-name' };
  }
  if (value.length > bounds.metadataValueBytes) return { ok: false, reason: 'too-big' };
  tx.database
    .statement('INSERT OR REPLACE INTO metadata VALUES (?, ?, ?)')
    .run(folderId, name, value);
  return DONE;
}

function checkSums(
  tx: MailboxTransaction,
  folderId: number,
  bounds: MetadataBounds,
): Outcome<void> {
  const count = tx.database
    .statement('SELECT count(*) FROM metadata WHERE folder_id = ?')
    .row(folderId)?.[0];
  if (Number(count) > bounds.metadataEntryCount) return { ok: false, reason: 'too-many' };
  const bytes = tx.database
    .statement('SELECT coalesce(sum(length(name) + length(value)), 0) FROM metadata')
    .row()?.[0];
  return Number(bytes) > bounds.metadataTotalBytes ? { ok: false, reason: 'over-quota' } : DONE;
}

/** What is no use at all is refused like one that cannot be given. */
function useOf(value: Uint8Array | undefined): SpecialUse | undefined {
  return value === undefined || value.length === 0
    ? undefined
    : (Buffer.from(value).toString() as SpecialUse);
}
