/**
 * Brings a mailbox back from a backup. Clients may know of what came after the backup, so the
 * mailbox goes on far beyond it, and beyond every state of it that was deleted and not purged
 * (`go-beyond.ts`). UIDs and unique ids of the messages that come back are those they had. So is
 * a folder's UIDVALIDITY, unless the latest state does not have the folder, or there is none:
 * then nobody knows which UIDs were given since, and the folder gets a new one.
 */
import { randomUUID } from 'node:crypto';
import { copyFile, mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Database, errorCode, nodeStoreFiles, openDatabase } from '@homeward/durable-store';
import type { Outcome } from '../api.ts';
import { mailboxLayout } from '../mailbox-layout.ts';
import { healFolders } from '../operations/heal-folders.ts';
import { migrateSchema } from '../schema.ts';
import { copyDurably, linkFile, syncFile } from './backup-files.ts';
import {
  DATABASE_NAME,
  MESSAGES_NAME,
  SUMMARY_NAME,
  type BackupSummary,
} from './backup-mailbox.ts';
import { findMailbox, type CareRefusal, type MailboxPlace } from './claim-mailbox.ts';
import { clearPlace, listStatesOf, makeSpreadFolder, moveFolder } from './deleted-mailboxes.ts';
import { goBeyond } from './go-beyond.ts';
import { readSeenStates } from './seen-states.ts';

export interface RestoreRequest extends MailboxPlace {
  /** Folder of the backup. */
  readonly source: string;
  readonly nowMs: number;
}

/**
 * Resolves when the mailbox is durable and may be opened. Refused with `already-exists` while
 * there is one: delete it first, which moves it aside; with `nonexistent` if the source is no
 * backup. The backup may be another account's. Rejects with errors of system or database.
 */
export async function restoreMailbox(
  request: RestoreRequest,
): Promise<Outcome<BackupSummary, CareRefusal>> {
  const layout = mailboxLayout(request.root, request.accountId);
  const summary = await readSummary(request.source);
  if (layout === undefined || summary === undefined) return { ok: false, reason: 'nonexistent' };
  if ((await findMailbox(request)) !== undefined) return { ok: false, reason: 'already-exists' };
  await makeSpreadFolder(request.root, layout);
  const staging = join(request.root, `restore-${randomUUID()}`);
  try {
    await mkdir(join(staging, MESSAGES_NAME), { recursive: true, mode: 0o700 });
    await restoreInto(staging, request);
    if (!(await clearPlace(layout))) return { ok: false, reason: 'locked' };
    await moveFolder(staging, layout.folder);
    return { ok: true, value: summary };
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/** @returns undefined if the folder has no backup. */
export async function readSummary(source: string): Promise<BackupSummary | undefined> {
  try {
    return JSON.parse(await readFile(join(source, SUMMARY_NAME), 'utf8')) as BackupSummary;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function restoreInto(staging: string, request: RestoreRequest): Promise<void> {
  const path = join(staging, DATABASE_NAME);
  const states = await listStatesOf(request);
  const seen = await readSeenStates(states.map(({ database }) => database));
  await copyFile(join(request.source, DATABASE_NAME), path);
  const database = openDatabase(path);
  try {
    migrateSchema(database);
    healFolders(database);
    goBeyond(database, { ...request, seen });
    // A seal of the mailbox that the backup was made of is none of this one's.
    database.exec(`UPDATE mailbox SET state = 'active', sealed_to = NULL`);
    await copyFiles(database, staging, request.source);
    database.statement('PRAGMA wal_checkpoint(TRUNCATE)').row();
  } finally {
    database.close();
  }
  await syncFile(path);
  await nodeStoreFiles.syncFolder(join(staging, MESSAGES_NAME));
  await nodeStoreFiles.syncFolder(staging);
}

/** Files that the backup does not have are found by `verifyMailbox`. */
async function copyFiles(database: Database, staging: string, source: string): Promise<void> {
  const rows = database.statement('SELECT file FROM message WHERE file IS NOT NULL').rows();
  for (const [file] of rows) {
    const from = join(source, MESSAGES_NAME, String(file));
    const to = join(staging, MESSAGES_NAME, String(file));
    if ((await linkFile(from, to)) === 'elsewhere') await copyDurably(from, to);
  }
}
