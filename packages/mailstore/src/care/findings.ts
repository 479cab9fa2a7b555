/** What care may find wrong with a mailbox, and the job that notes and mends it. */
import { TextIndexFile } from '@homeward/text-index';
import type { Database } from '@homeward/durable-store';
import type { MessageDescriber } from '../api.ts';
import { FlagSetTable } from '../flag-sets.ts';
import type { MailboxLayout } from '../mailbox-layout.ts';
import { MailboxTransaction } from '../mailbox-transaction.ts';

/**
 * - `database-damaged`: SQLite finds its file inconsistent.
 * - `missing-inbox`: there is no INBOX.
 * - `missing-file`, `missing-octets`: a message's content is not there.
 * - `wrong-size`, `wrong-digest`: it is not what arrived.
 * - `missing-description`: what FETCH would be told of it is not there.
 * - `orphan-file`: a message file that no message names. `unfinished-file`: one that never
 *   arrived as a whole, so nobody was told that it had.
 * - `placement-without-…`, `flags-…`: rows of a folder that do not fit together.
 * - `octets-without-message`: content in the database that no message has.
 * - `message-without-placement`: kept though no folder has it.
 * - `wrong-…`: counts and counters that do not agree with what they count.
 */
export type FindingKind =
  | 'database-damaged'
  | 'missing-inbox'
  | 'missing-file'
  | 'missing-octets'
  | 'wrong-size'
  | 'wrong-digest'
  | 'missing-description'
  | 'orphan-file'
  | 'unfinished-file'
  | 'placement-without-message'
  | 'placement-without-flags'
  | 'placement-without-folder'
  | 'flags-without-placement'
  | 'flags-unknown'
  | 'octets-without-message'
  | 'message-without-placement'
  | 'wrong-reference-count'
  | 'wrong-folder-sums'
  | 'wrong-mailbox-sums'
  | 'wrong-counter';

/** One disagreement. No text of a message and no name of a folder is in it. */
export interface Finding {
  readonly kind: FindingKind;
  /** What it is about: "message 12", "folder F1a UID 7", "file 0b3c…". */
  readonly subject: string;
  readonly isMended: boolean;
}

/** More findings are counted, but not listed. */
const LISTED_COUNT = 10_000;

export interface CareJobOptions {
  readonly layout: MailboxLayout;
  readonly database: Database;
  readonly describe: () => MessageDescriber;
  readonly nowMs: number;
  /** True if the mailbox is claimed, and what is wrong is put right. */
  readonly isMending: boolean;
}

/** One care of one mailbox. */
export class CareJob {
  readonly layout: MailboxLayout;
  readonly describe: () => MessageDescriber;
  readonly nowMs: number;
  readonly isMending: boolean;
  readonly findings: Finding[] = [];
  database: Database;
  findingCount = 0;
  #hasTextIndex = true;

  constructor({ layout, database, describe, nowMs, isMending }: CareJobOptions) {
    this.layout = layout;
    this.database = database;
    this.describe = describe;
    this.nowMs = nowMs;
    this.isMending = isMending;
  }

  /** Notes a finding, and mends it if it is to be. @param mend All in one transaction. */
  found(kind: FindingKind, subject: string, mend: (tx: MailboxTransaction) => void): void {
    if (this.isMending) {
      this.#removeTextIndex();
      this.transact(mend);
    }
    this.note({ kind, subject, isMended: this.isMending });
  }

  note(finding: Finding): void {
    if (finding.isMended) this.#removeTextIndex();
    this.findingCount += 1;
    if (this.findings.length < LISTED_COUNT) this.findings.push(finding);
  }

  /**
   * An index may have passed over messages that come back: the next search makes it anew. Before
   * the first thing is mended, for nothing would be found a second time.
   */
  #removeTextIndex(): void {
    if (this.#hasTextIndex) TextIndexFile.remove(this.layout.textIndex);
    this.#hasTextIndex = false;
  }

  transact(work: (tx: MailboxTransaction) => void): void {
    this.database.exec('BEGIN IMMEDIATE');
    try {
      // Anew each time: what was mended before may have changed it.
      const tx = new MailboxTransaction(this.database, new FlagSetTable(this.database), this.nowMs);
      work(tx);
      tx.finish(0);
      this.database.exec('COMMIT');
    } catch (error) {
      if (this.database.isInTransaction) this.database.exec('ROLLBACK');
      throw error;
    }
  }

  /** "folder F1a", or the number of one that is not there. */
  nameFolder(folderId: number): string {
    const row = this.database.statement('SELECT object_id FROM folder WHERE id = ?').row(folderId);
    return `folder ${String(row?.[0] ?? folderId)}`;
  }
}
