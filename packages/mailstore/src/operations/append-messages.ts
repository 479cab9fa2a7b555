/** Puts messages that have fully arrived into a folder: all of them, or none. */
import type { InternalDate, MessageDescription, Outcome, RestDescription } from '../api.ts';
import type { Steps } from '../commit-queue.ts';
import type { FlagBounds } from '../flag-sets.ts';
import type { FolderDraft, MailboxTransaction } from '../mailbox-transaction.ts';
import {
  countReferences,
  hasUids,
  placeMessage,
  readPlacements,
  removePlacements,
} from './placements.ts';
import { isOverQuota, type QuotaBounds } from './quota.ts';

/** Messages between two turns of the event loop, if their octets are still to be written. */
const STEP_MESSAGES = 40;

/** A message's octets and what was made of them on the way in. */
export interface ReceivedMessage {
  readonly sizeBytes: number;
  /** SHA-256 of the octets. */
  readonly digest: Uint8Array;
  readonly description: MessageDescription;
  /** The octets, or the name of the durable file that has them. */
  readonly content: { readonly octets: Uint8Array } | { readonly file: string };
}

/** One message of an append. */
export interface ArrivedMessage {
  readonly flags: readonly string[];
  readonly internalDate: InternalDate;
  readonly sizeBytes: number;
  /** What arrived, or the id under which `stage-messages.ts` has put it aside. */
  readonly body: ReceivedMessage | { readonly stagedId: number };
}

/** A message that goes in the same transaction (RFC 8508 §3.4). */
export interface ReplacedPlace {
  readonly folderId: number;
  readonly uid: number;
}

export interface AppendBounds extends FlagBounds, QuotaBounds {
  /** Whether some session has this folder open for writing, and so learns of it now. */
  isWatched(folderId: number): boolean;
}

export interface AppendedUids {
  readonly uidValidity: number;
  readonly uids: number[];
}

export function* appendMessages(
  tx: MailboxTransaction,
  path: string,
  messages: readonly ArrivedMessage[],
  replaced: ReplacedPlace | undefined,
  bounds: AppendBounds,
): Steps<AppendedUids> {
  const folder = tx.findFolder(path);
  if (folder === undefined || !folder.isSelectable) return { ok: false, reason: 'nonexistent' };
  // First, since only what is added beyond it counts (RFC 8508 §3.4).
  if (replaced !== undefined && !removeReplaced(tx, replaced)) {
    return { ok: false, reason: 'expunged' };
  }
  const isWatched = bounds.isWatched(folder.id);
  const isAlone = messages.length === 1;
  const uids: number[] = [];
  for (const message of messages) {
    if (uids.length % STEP_MESSAGES === STEP_MESSAGES - 1) yield;
    const uid = appendOne(tx, folder, message, { isAlone, isWatched }, bounds);
    if (!uid.ok) return uid;
    uids.push(uid.value);
  }
  return { ok: true, value: { uidValidity: folder.uidValidity, uids } };
}

function appendOne(
  tx: MailboxTransaction,
  folder: FolderDraft,
  message: ArrivedMessage,
  { isAlone, isWatched }: { readonly isAlone: boolean; readonly isWatched: boolean },
  bounds: AppendBounds,
): Outcome<number> {
  if (!hasUids(folder, 1)) return { ok: false, reason: 'too-many' };
  const coming = { totalBytes: message.sizeBytes, messageCount: 1 };
  if (isOverQuota(tx, coming, bounds)) return { ok: false, reason: 'over-quota' };
  const names = tx.flagSets.canonicalize(message.flags, bounds);
  if (!names.ok) return names;
  const flags = tx.flagSets.intern(names.names);
  const { body, sizeBytes, internalDate } = message;
  const uid = placeMessage(tx, folder, {
    messageId: isAlone ? insertAlone(tx, body) : insertAmongOthers(tx, body),
    sizeBytes,
    epochMs: internalDate.epochMs,
    zoneMinutes: internalDate.zoneMinutes,
    flagSetId: flags.id,
    isWatched,
  });
  return { ok: true, value: uid };
}

/** @returns False if it is gone. */
function removeReplaced(tx: MailboxTransaction, { folderId, uid }: ReplacedPlace): boolean {
  const folder = tx.findFolderById(folderId);
  const placements = readPlacements(tx, folderId, [uid]);
  if (folder === undefined || placements.length === 0) return false;
  removePlacements(tx, folder, placements);
  countReferences(tx, placements, -1);
  return true;
}

/** What can wait is put off: three pages of the log less, and less to do before the answer. */
function insertAlone(tx: MailboxTransaction, body: ArrivedMessage['body']): number {
  if ('stagedId' in body) return insertAmongOthers(tx, body);
  const id = insertEssentials(tx, body, 1);
  tx.putOffRest(id, body.description.describeRest);
  return id;
}

/** Among others the rest costs little: their rows share pages. */
function insertAmongOthers(tx: MailboxTransaction, body: ArrivedMessage['body']): number {
  if (!('stagedId' in body)) return insertMessage(tx, body, 1);
  useStaged(tx, body.stagedId);
  return body.stagedId;
}

/** All of a message. @returns The new row's id. */
export function insertMessage(
  tx: MailboxTransaction,
  message: ReceivedMessage,
  refCount: number,
): number {
  const id = insertEssentials(tx, message, refCount);
  insertRest(tx, id, message.description.describeRest());
  return id;
}

/** The message without the rest of its description. @returns The new row's id. */
function insertEssentials(
  tx: MailboxTransaction,
  message: ReceivedMessage,
  refCount: number,
): number {
  const id = tx.takeMessageId();
  const { description, content } = message;
  const file = 'file' in content ? content.file : null;
  tx.database
    .statement(
      'INSERT INTO message (id, size_bytes, ref_count, digest, file) VALUES (?, ?, ?, ?, ?)',
    )
    .run(id, message.sizeBytes, refCount, message.digest, file);
  insertSummary(tx, id, description);
  if ('octets' in content) insertOctets(tx, 'content', id, content.octets);
  return id;
}

/** What is there of it already is replaced. */
export function insertDescription(
  tx: MailboxTransaction,
  messageId: number,
  description: MessageDescription,
): void {
  insertSummary(tx, messageId, description);
  insertRest(tx, messageId, description.describeRest());
}

/** What is there of it already is replaced. */
export function insertRest(tx: MailboxTransaction, messageId: number, rest: RestDescription): void {
  insertOctets(tx, 'header', messageId, rest.header);
  insertOctets(tx, 'preview', messageId, rest.preview);
  insertOctets(tx, 'sort_fact', messageId, rest.sortFacts);
}

function insertSummary(
  tx: MailboxTransaction,
  messageId: number,
  description: MessageDescription,
): void {
  tx.database
    .statement(
      `INSERT OR REPLACE INTO summary (message_id, envelope, body_structure, body)
       VALUES (?, ?, ?, ?)`,
    )
    .run(messageId, description.envelope, description.bodyStructure, description.body);
  insertOctets(tx, 'shape', messageId, description.shape);
}

function insertOctets(
  tx: MailboxTransaction,
  table: 'shape' | 'header' | 'preview' | 'sort_fact' | 'content',
  messageId: number,
  octets: Uint8Array | undefined,
): void {
  if (octets === undefined) return;
  tx.database.statement(`INSERT OR REPLACE INTO ${table} VALUES (?, ?)`).run(messageId, octets);
}

function useStaged(tx: MailboxTransaction, messageId: number): void {
  const sql = 'UPDATE message SET ref_count = 1 WHERE id = ? AND ref_count = -1';
  if (tx.database.statement(sql).run(messageId) !== 1) throw new Error('a staged message is gone');
}
