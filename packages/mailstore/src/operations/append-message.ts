/** Puts a message that has fully arrived into a folder. */
import type { InternalDate, MessageDescription, Outcome } from '../api.ts';
import type { FlagBounds, InternedFlags } from '../flag-sets.ts';
import type { FolderDraft, MailboxTransaction } from '../mailbox-transaction.ts';

/** UIDs are 32-bit numbers (RFC 3501 §2.3.1.1). */
export const LAST_UID = 0xffff_fffe;

/** A message that has arrived. */
export interface ArrivedMessage {
  readonly path: string;
  readonly flags: readonly string[];
  readonly internalDate: InternalDate;
  readonly sizeBytes: number;
  /** SHA-256 of the octets. */
  readonly digest: Uint8Array;
  readonly description: MessageDescription;
  /** The octets, or the name of the durable file that has them. */
  readonly content: { readonly octets: Uint8Array } | { readonly file: string };
}

export interface AppendBounds extends FlagBounds {
  readonly mailboxBytes: number;
  /** Whether some session has this folder open for writing, and so learns of it now. */
  isWatched(folderId: number): boolean;
}

export function appendMessage(
  tx: MailboxTransaction,
  message: ArrivedMessage,
  bounds: AppendBounds,
): Outcome<{ readonly uidValidity: number; readonly uid: number }> {
  const folder = tx.findFolder(message.path);
  if (folder === undefined || !folder.isSelectable) return { ok: false, reason: 'nonexistent' };
  if (folder.uidNext > LAST_UID) return { ok: false, reason: 'too-many' };
  if (tx.totalBytes + message.sizeBytes > bounds.mailboxBytes) {
    return { ok: false, reason: 'over-quota' };
  }
  const names = tx.flagSets.canonicalize(message.flags, bounds);
  if (!names.ok) return names;
  const flags = tx.flagSets.intern(names.names);
  const messageId = insertMessage(tx, message);
  const uid = placeMessage(tx, folder, {
    messageId,
    sizeBytes: message.sizeBytes,
    epochMs: message.internalDate.epochMs,
    zoneMinutes: message.internalDate.zoneMinutes,
    flags,
    isWatched: bounds.isWatched(folder.id),
  });
  return { ok: true, value: { uidValidity: folder.uidValidity, uid } };
}

/** One more place for a message whose row exists and counts it. */
export interface NewPlacement {
  readonly messageId: number;
  readonly sizeBytes: number;
  readonly epochMs: number;
  readonly zoneMinutes: number;
  readonly flags: InternedFlags;
  readonly isWatched: boolean;
}

/** Gives a message the next UID of a folder. The caller has checked `LAST_UID`. */
export function placeMessage(
  tx: MailboxTransaction,
  folder: FolderDraft,
  placement: NewPlacement,
): number {
  const uid = folder.uidNext;
  const modSeq = tx.takeModSeq();
  const { messageId, sizeBytes, epochMs, zoneMinutes, flags } = placement;
  tx.database
    .statement('INSERT INTO placement VALUES (?, ?, ?, ?, ?)')
    .run(folder.id, uid, messageId, epochMs, zoneMinutes);
  tx.database
    .statement('INSERT INTO flag_state VALUES (?, ?, ?, ?)')
    .run(folder.id, uid, flags.id, modSeq);
  folder.uidNext = uid + 1;
  folder.highestModSeq = modSeq;
  tx.countMessages(folder, { messages: 1, bytes: sizeBytes });
  if (!flags.isSeen) folder.unseenCount += 1;
  if (flags.isDeleted) {
    folder.deletedCount += 1;
    folder.deletedBytes += sizeBytes;
  }
  // Recent to the session that has it open (RFC 3501 §2.3.2), else to the next one.
  if (placement.isWatched) {
    folder.recentFrom = folder.uidNext;
    folder.recentCount = 0;
  } else folder.recentCount += 1;
  tx.deltaOf(folder.id).appended.push({
    uid,
    messageId,
    sizeBytes,
    epochMs,
    zoneMinutes,
    flagSetId: flags.id,
    modSeq,
  });
  return uid;
}

function insertMessage(tx: MailboxTransaction, message: ArrivedMessage): number {
  const id = tx.takeMessageId();
  const { description, content } = message;
  const file = 'file' in content ? content.file : null;
  tx.database
    .statement(
      'INSERT INTO message (id, size_bytes, ref_count, digest, file) VALUES (?, ?, 1, ?, ?)',
    )
    .run(id, message.sizeBytes, message.digest, file);
  tx.database
    .statement(
      'INSERT INTO summary (message_id, envelope, body_structure, body) VALUES (?, ?, ?, ?)',
    )
    .run(id, description.envelope, description.bodyStructure, description.body);
  tx.database.statement('INSERT INTO shape VALUES (?, ?)').run(id, description.shape);
  if (description.header !== undefined) {
    tx.database.statement('INSERT INTO header VALUES (?, ?)').run(id, description.header);
  }
  if ('octets' in content) {
    tx.database.statement('INSERT INTO content VALUES (?, ?)').run(id, content.octets);
  }
  return id;
}
