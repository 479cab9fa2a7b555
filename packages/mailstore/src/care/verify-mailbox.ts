/**
 * Finds every disagreement between a mailbox's database and its message files, and within the
 * database; mends them if asked to, and loses nothing by it: messages that no folder has any
 * more, and files that no message names, come back in a folder "Recovered".
 *
 * Without mending, a mailbox may be in use: a read transaction fixes what is compared, and what
 * a worker may be about to do is left out. Mending claims the mailbox. All content is read, by
 * the calling thread: it should serve nobody.
 */
import { openDatabase } from '@homeward/durable-store';
import type { MessageDescriber, Outcome } from '../api.ts';
import type { MailboxLayout } from '../mailbox-layout.ts';
import { healFolders } from '../operations/heal-folders.ts';
import { giveUpAllStaged } from '../operations/stage-messages.ts';
import { migrateSchema } from '../schema.ts';
import { checkContents, checkOctets } from './check-contents.ts';
import { checkFiles, listFiles } from './check-files.ts';
import { checkInbox, checkStructure } from './check-structure.ts';
import { checkCounters, checkReferences, checkSums } from './check-sums.ts';
import { claimMailbox, findMailbox, type CareRefusal, type MailboxPlace } from './claim-mailbox.ts';
import { CareJob, type Finding } from './findings.ts';
import { checkIntegrity, openSound, WAIT_MS } from './salvage-database.ts';

export interface VerifyRequest extends MailboxPlace {
  /** Mend what is wrong; refused with `locked` while a worker has the mailbox open. */
  readonly isMending: boolean;
  /** Makes descriptions of messages that lack theirs, or are found: as the store's. */
  readonly describe: () => MessageDescriber;
  readonly nowMs: number;
  /** The account's, for a mailbox that has lost even that. */
  readonly epoch: number;
}

export interface VerifyReport {
  readonly messageCount: number;
  readonly fileCount: number;
  /** How many disagreements there were; the first 10,000 are listed. */
  readonly findingCount: number;
  readonly findings: readonly Finding[];
}

/** Rejects with errors of the system. */
export async function verifyMailbox(
  request: VerifyRequest,
): Promise<Outcome<VerifyReport, CareRefusal>> {
  if (!request.isMending) {
    const layout = await findMailbox(request);
    if (layout === undefined) return { ok: false, reason: 'nonexistent' };
    return { ok: true, value: await lookAt(layout, request) };
  }
  const claimed = await claimMailbox(request);
  if (!claimed.ok) return claimed;
  try {
    return { ok: true, value: await mend(claimed.value.layout, request) };
  } finally {
    claimed.value.release();
  }
}

async function lookAt(layout: MailboxLayout, request: VerifyRequest): Promise<VerifyReport> {
  const database = openDatabase(layout.database, { isReadOnly: true, waitMs: WAIT_MS });
  const job = new CareJob({ ...request, layout, database });
  try {
    const names = await listFiles(job);
    const damage = checkIntegrity(database);
    if (damage.length > 0) {
      // What it says of the rest could not be trusted.
      job.note({ kind: 'database-damaged', subject: 'database', isMended: false });
      return report(job, 0, names.length);
    }
    // With the schema that it has: what later versions added is left out.
    database.exec('BEGIN');
    return await check(job, names);
  } finally {
    database.close();
  }
}

async function mend(layout: MailboxLayout, request: VerifyRequest): Promise<VerifyReport> {
  const opened = await openSound(layout, request);
  const job = new CareJob({ ...request, layout, database: opened.database });
  try {
    if (opened.wasDamaged) {
      job.note({ kind: 'database-damaged', subject: 'database', isMended: true });
    }
    migrateSchema(job.database);
    healFolders(job.database);
    giveUpAllStaged(job.database);
    const verified = await check(job, await listFiles(job));
    job.database.statement('PRAGMA wal_checkpoint(TRUNCATE)').row();
    return verified;
  } finally {
    job.database.close();
  }
}

async function check(job: CareJob, names: readonly string[]): Promise<VerifyReport> {
  checkInbox(job);
  checkCounters(job);
  checkOctets(job);
  checkStructure(job);
  checkReferences(job);
  const messageCount = await checkContents(job);
  const fileCount = await checkFiles(job, names);
  checkSums(job);
  return report(job, messageCount, fileCount);
}

function report(job: CareJob, messageCount: number, fileCount: number): VerifyReport {
  const { findingCount, findings } = job;
  return { messageCount, fileCount, findingCount, findings };
}
