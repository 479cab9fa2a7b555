/**
 * Every message's octets against what is known of them. A message never changes under its UID
 * (RFC 9051 §2.3.1.1), so what is left of a damaged one takes its place under a new UID.
 */
import { join } from 'node:path';
import { openDatabase, type Row } from '@homeward/durable-store';
import type { MailboxTransaction } from '../mailbox-transaction.ts';
import {
  insertDescription,
  insertMessage,
  type ReceivedMessage,
} from '../operations/append-messages.ts';
import { placeMessage, readPlacements, removePlacements } from '../operations/placements.ts';
import { MESSAGE_TABLES } from '../operations/remove-garbage.ts';
import type { CareJob, FindingKind } from './findings.ts';
import { digestFile, receiveFile, receiveOctets } from './stored-message.ts';

/** Messages read in one go: at most some 8 MB. */
const CHUNK_MESSAGES = 64;
const LOST_NOTE = '[The rest of this message was lost.]\r\n';

interface StoredMessage {
  readonly id: number;
  readonly sizeBytes: number;
  readonly digest: Uint8Array;
  readonly file: string | undefined;
  readonly octets: Uint8Array | undefined;
  readonly isDescribed: boolean;
}

/** Octets whose message's row is lost: it is made anew, and has the places that it had. */
export function checkOctets(job: CareJob): void {
  const rows = job.database
    .statement(
      `SELECT c.message_id FROM content c LEFT JOIN message m ON m.id = c.message_id
       WHERE m.id IS NULL`,
    )
    .rows();
  for (const [id] of rows) {
    job.found('octets-without-message', `message ${String(id)}`, (tx) => {
      const octets = tx.database
        .statement('SELECT octets FROM content WHERE message_id = ?')
        .row(Number(id))?.[0];
      if (!(octets instanceof Uint8Array)) return;
      // How often it is used is counted next; -2: not at all so far.
      tx.database
        .statement(
          'INSERT INTO message (id, size_bytes, ref_count, digest, file) VALUES (?, ?, -2, ?, NULL)',
        )
        .run(Number(id), octets.length, receiveOctets(job, octets).digest);
    });
  }
}

/** @returns How many messages were looked at. */
export async function checkContents(job: CareJob): Promise<number> {
  const select = job.database.statement(
    `SELECT m.id, m.size_bytes, m.digest, m.file, c.octets,
       s.message_id IS NOT NULL AND h.message_id IS NOT NULL
     FROM message m
     LEFT JOIN content c ON c.message_id = m.id
     LEFT JOIN summary s ON s.message_id = m.id
     LEFT JOIN shape h ON h.message_id = m.id
     WHERE m.id > ? AND m.ref_count <> 0 ORDER BY m.id LIMIT ?`,
  );
  let count = 0;
  for (let lastId = 0; ;) {
    const messages = select.rows(lastId, CHUNK_MESSAGES).map(readRow);
    for (const message of messages) await checkMessage(job, message);
    count += messages.length;
    const last = messages.at(-1);
    if (last === undefined) return count;
    lastId = last.id;
  }
}

function readRow(row: Row): StoredMessage {
  const [id, sizeBytes, digest, file, octets, isDescribed] = row;
  return {
    id: Number(id),
    sizeBytes: Number(sizeBytes),
    digest: digest instanceof Uint8Array ? digest : new Uint8Array(),
    file: typeof file === 'string' ? file : undefined,
    octets: octets instanceof Uint8Array ? octets : undefined,
    isDescribed: isDescribed === 1,
  };
}

async function checkMessage(job: CareJob, message: StoredMessage): Promise<void> {
  const damage = await findDamage(job, message);
  if (damage !== undefined) {
    if (damage === 'missing-file' && isGone(job, message)) return;
    const left = job.isMending ? await receiveWhatIsLeft(job, message) : undefined;
    job.found(damage, `message ${message.id}`, (tx) => replaceMessage(tx, message, left));
  } else if (!message.isDescribed) {
    const received = job.isMending ? await receiveWhatIsLeft(job, message) : undefined;
    job.found('missing-description', `message ${message.id}`, (tx) => {
      if (received !== undefined) insertDescription(tx, message.id, received.description);
    });
  }
}

async function findDamage(job: CareJob, message: StoredMessage): Promise<FindingKind | undefined> {
  const { file, octets } = message;
  if (file === undefined && octets === undefined) return 'missing-octets';
  const actual =
    octets === undefined
      ? await digestFile(join(job.layout.messages, file ?? ''))
      : receiveOctets(job, octets);
  if (actual === undefined) return 'missing-file';
  if (actual.sizeBytes !== message.sizeBytes) return 'wrong-size';
  return Buffer.compare(actual.digest, message.digest) === 0 ? undefined : 'wrong-digest';
}

/** While the mailbox is in use, a message may go between the snapshot and its file. */
function isGone(job: CareJob, message: StoredMessage): boolean {
  if (job.isMending) return false;
  const latest = openDatabase(job.layout.database, { isReadOnly: true });
  try {
    const sql = 'SELECT 1 FROM message WHERE id = ? AND ref_count <> 0';
    return latest.statement(sql).row(message.id) === undefined;
  } finally {
    latest.close();
  }
}

/** @returns undefined if nothing is left at all. */
async function receiveWhatIsLeft(
  job: CareJob,
  { id, file, octets }: StoredMessage,
): Promise<ReceivedMessage | undefined> {
  if (octets !== undefined) return receiveOctets(job, octets);
  const received = file === undefined ? undefined : await receiveFile(job, file);
  if (received !== undefined) return received;
  const header = job.database
    .statement('SELECT octets FROM header WHERE message_id = ?')
    .row(id)?.[0];
  if (!(header instanceof Uint8Array)) return undefined;
  return receiveOctets(job, Buffer.concat([header, Buffer.from(LOST_NOTE)]));
}

/** Gives every place of a message to what is left of it; without any, the places go. */
function replaceMessage(
  tx: MailboxTransaction,
  old: StoredMessage,
  left: ReceivedMessage | undefined,
): void {
  const places = tx.database
    .statement('SELECT folder_id, uid FROM placement WHERE message_id = ?')
    .rows(old.id);
  const newId = left === undefined ? undefined : insertMessage(tx, left, 0);
  let uses = 0;
  for (const [folderId, uid] of places) {
    const folder = tx.findFolderById(Number(folderId));
    const [placement] = readPlacements(tx, Number(folderId), [Number(uid)]);
    if (folder === undefined || placement === undefined) continue;
    removePlacements(tx, folder, [placement]);
    if (newId === undefined || left === undefined) continue;
    const { sizeBytes } = left;
    placeMessage(tx, folder, { ...placement, messageId: newId, sizeBytes, isWatched: false });
    uses += 1;
  }
  if (newId !== undefined) {
    tx.database.statement('UPDATE message SET ref_count = ? WHERE id = ?').run(uses, newId);
  }
  for (const table of MESSAGE_TABLES) {
    tx.database.statement(`DELETE FROM ${table} WHERE message_id = ?`).run(old.id);
  }
  // What places a deleted folder still has go with that folder.
  tx.database.statement('DELETE FROM placement WHERE message_id = ?').run(old.id);
  tx.database.statement('DELETE FROM message WHERE id = ?').run(old.id);
}
