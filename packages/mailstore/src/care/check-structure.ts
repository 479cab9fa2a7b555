/** Rows that do not fit together: places, flags, folders and messages. */
import type { Row } from '@homeward/durable-store';
import { INBOX } from '../folder-path.ts';
import type { MailboxTransaction } from '../mailbox-transaction.ts';
import { placeInRecovered } from './recovered-folder.ts';
import type { CareJob, FindingKind } from './findings.ts';

type Value = Row[number] | undefined;

interface Check {
  readonly kind: FindingKind;
  /** Gives folder_id and uid, and what `mend` needs besides. */
  readonly sql: string;
  readonly mend: (tx: MailboxTransaction, row: Row) => void;
}

const DELETE_FLAGS = 'DELETE FROM flag_state WHERE folder_id = ? AND uid = ?';
const DELETE_PLACE = 'DELETE FROM placement WHERE folder_id = ? AND uid = ?';

/** In this order: each may rely on what those before it have put right. */
const CHECKS: readonly Check[] = [
  {
    kind: 'flags-unknown',
    sql: `SELECT f.folder_id, f.uid FROM flag_state f
      LEFT JOIN flag_set s ON s.id = f.flag_set_id WHERE s.id IS NULL`,
    mend: (tx, [folderId, uid]) => {
      tx.database
        .statement(
          'UPDATE flag_state SET flag_set_id = ?, mod_seq = ? WHERE folder_id = ? AND uid = ?',
        )
        .run(tx.flagSets.intern([]).id, raiseModSeq(tx, folderId), Number(folderId), Number(uid));
    },
  },
  {
    kind: 'flags-without-placement',
    sql: `SELECT f.folder_id, f.uid FROM flag_state f
      LEFT JOIN placement p ON p.folder_id = f.folder_id AND p.uid = f.uid WHERE p.uid IS NULL`,
    mend: (tx, [folderId, uid]) => {
      tx.database.statement(DELETE_FLAGS).run(Number(folderId), Number(uid));
      noteExpunged(tx, folderId, uid);
    },
  },
  {
    kind: 'placement-without-message',
    sql: `SELECT p.folder_id, p.uid FROM placement p
      LEFT JOIN message m ON m.id = p.message_id WHERE m.id IS NULL`,
    mend: (tx, [folderId, uid]) => {
      tx.database.statement(DELETE_PLACE).run(Number(folderId), Number(uid));
      tx.database.statement(DELETE_FLAGS).run(Number(folderId), Number(uid));
      noteExpunged(tx, folderId, uid);
    },
  },
  {
    kind: 'placement-without-flags',
    sql: `SELECT p.folder_id, p.uid FROM placement p
      LEFT JOIN flag_state f ON f.folder_id = p.folder_id AND f.uid = p.uid WHERE f.uid IS NULL`,
    mend: (tx, [folderId, uid]) => {
      tx.database
        .statement('INSERT INTO flag_state VALUES (?, ?, ?, ?)')
        .run(Number(folderId), Number(uid), tx.flagSets.intern([]).id, raiseModSeq(tx, folderId));
    },
  },
  {
    kind: 'placement-without-folder',
    sql: `SELECT p.folder_id, p.uid, p.message_id, m.size_bytes, p.internal_ms, p.zone_minutes
      FROM placement p JOIN message m ON m.id = p.message_id
      LEFT JOIN folder f ON f.id = p.folder_id WHERE f.id IS NULL`,
    mend: (tx, row) => {
      const [folderId, uid, messageId, sizeBytes, epochMs, zoneMinutes] = row.map(Number);
      tx.database.statement(DELETE_PLACE).run(Number(folderId), Number(uid));
      tx.database.statement(DELETE_FLAGS).run(Number(folderId), Number(uid));
      placeInRecovered(tx, {
        messageId: Number(messageId),
        sizeBytes: Number(sizeBytes),
        epochMs: Number(epochMs),
        zoneMinutes: Number(zoneMinutes),
      });
    },
  },
];

/** Flags and messages of folders: what cannot be shown, or would be shown wrongly. */
export function checkStructure(job: CareJob): void {
  for (const { kind, sql, mend } of CHECKS) {
    for (const row of job.database.statement(sql).rows()) {
      const subject = `${job.nameFolder(Number(row[0]))} UID ${String(row[1])}`;
      job.found(kind, subject, (tx) => mend(tx, row));
    }
  }
}

/** INBOX is always there (RFC 9051 §5.1), and never made by a client. */
export function checkInbox(job: CareJob): void {
  const isThere = job.database.statement('SELECT 1 FROM folder WHERE path = ?').row(INBOX);
  if (isThere !== undefined) return;
  job.found('missing-inbox', INBOX, (tx) => {
    tx.addFolder(INBOX, { isSelectable: true });
    tx.setSubscribed(INBOX, true);
  });
}

/** Clients that have a message learn that it is gone. */
function noteExpunged(tx: MailboxTransaction, folderId: Value, uid: Value): void {
  const folder = tx.findFolderById(Number(folderId));
  if (folder === undefined) return;
  folder.historyCount += tx.database
    .statement('INSERT INTO expunged VALUES (?, ?, ?)')
    .run(folder.id, raiseModSeq(tx, folderId), Number(uid));
}

/** A modification sequence for a message of the folder that was changed. */
function raiseModSeq(tx: MailboxTransaction, folderId: Value): number {
  const modSeq = tx.takeModSeq();
  const folder = tx.findFolderById(Number(folderId));
  if (folder !== undefined) folder.highestModSeq = modSeq;
  return modSeq;
}
