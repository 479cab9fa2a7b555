/**
 * A copy of one mailbox as it was at one moment, made while it may be in use, from any process:
 * a folder with `mailbox.db`, the message files that it names, and `backup.json`.
 *
 * How it is consistent: one read transaction fixes what the database says; every file it names
 * is given a second name before the copy begins. If one was removed in between, since its
 * message was expunged, a new transaction begins; it no longer names that file.
 *
 * A target that has an earlier backup is brought up to date: files that are there already are
 * kept, and until the new database takes the place of the old one, the old backup stays whole.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Database, nodeStoreFiles, openDatabase } from '@homeward/durable-store';
import type { Outcome } from '../api.ts';
import { copyDurably, hasFile, linkFile, syncFile, type NamedFile } from './backup-files.ts';
import { findMailbox, type CareRefusal, type MailboxPlace } from './claim-mailbox.ts';

/** How often a new transaction is begun because files went away. */
const ATTEMPT_COUNT = 10;
/** While a worker opens or closes the mailbox. */
const WAIT_MS = 5000;

export interface BackupRequest extends MailboxPlace {
  /** Folder of the backup; made if missing, its parent must be there. */
  readonly target: string;
  readonly nowMs: number;
}

/** What a backup holds; kept in its `backup.json`. */
export interface BackupSummary {
  readonly accountId: string;
  readonly madeMs: number;
  readonly messageCount: number;
  readonly totalBytes: number;
  readonly fileCount: number;
  /** Files that the mailbox names and does not have: see `verifyMailbox`. */
  readonly missingFiles: readonly string[];
}

/** Name of the summary in a backup's folder. */
export const SUMMARY_NAME = 'backup.json';
/** Names of what a backup, like a mailbox, has. */
export const DATABASE_NAME = 'mailbox.db';
export const MESSAGES_NAME = 'messages';

/** Resolves when the backup is durable. Rejects with errors of the system or the database. */
export async function backupMailbox(
  request: BackupRequest,
): Promise<Outcome<BackupSummary, CareRefusal>> {
  const layout = await findMailbox(request);
  if (layout === undefined) return { ok: false, reason: 'nonexistent' };
  const { target, root } = request;
  const messages = join(target, MESSAGES_NAME);
  await mkdir(messages, { recursive: true, mode: 0o700 });
  const staging = join(root, `backup-${randomUUID()}`);
  await mkdir(staging, { mode: 0o700 });
  const database = openDatabase(layout.database, { isReadOnly: true, waitMs: WAIT_MS });
  try {
    const pinned = await pinFiles({ database, from: layout.messages, messages, staging });
    const newDatabase = join(target, `${DATABASE_NAME}.new`);
    await rm(newDatabase, { force: true });
    await database.copyInto(newDatabase);
    for (const { name } of pinned.staged) {
      await copyDurably(join(staging, name), join(messages, name));
    }
    await nodeStoreFiles.syncFolder(messages);
    const summary = summarize(database, request, pinned);
    await installBackup(target, newDatabase, summary, pinned.files);
    return { ok: true, value: summary };
  } finally {
    database.close();
    await rm(staging, { recursive: true, force: true });
  }
}

interface PinOptions {
  readonly database: Database;
  readonly from: string;
  /** Of the backup. */
  readonly messages: string;
  /** On the mailbox's volume. */
  readonly staging: string;
}

interface PinnedFiles {
  readonly files: readonly NamedFile[];
  /** Those that wait in the staging folder. */
  readonly staged: readonly NamedFile[];
  readonly missing: readonly string[];
}

/** Leaves a read transaction open, all of whose files have a second name. */
async function pinFiles(options: PinOptions): Promise<PinnedFiles> {
  const { database } = options;
  let missingBefore = new Set<string>();
  for (let attempt = 1; ; attempt += 1) {
    database.exec('BEGIN');
    const files = database
      .statement('SELECT file, size_bytes FROM message WHERE file IS NOT NULL AND ref_count <> 0')
      .rows()
      .map(([name, sizeBytes]) => ({ name: String(name), sizeBytes: Number(sizeBytes) }));
    const staged: NamedFile[] = [];
    const missing: string[] = [];
    for (const file of files) {
      const pinned = await pinFile(file, options);
      if (pinned === 'staged') staged.push(file);
      else if (pinned === 'missing') missing.push(file.name);
    }
    // What two transactions name and neither finds is lost, not expunged.
    const isLost = missing.every((name) => missingBefore.has(name));
    if (isLost || attempt === ATTEMPT_COUNT) return { files, staged, missing };
    missingBefore = new Set(missing);
    database.exec('COMMIT');
  }
}

async function pinFile(
  file: NamedFile,
  { from, messages, staging }: PinOptions,
): Promise<'there' | 'staged' | 'missing'> {
  if (await hasFile(messages, file)) return 'there';
  const source = join(from, file.name);
  const linked = await linkFile(source, join(messages, file.name));
  if (linked !== 'elsewhere') return linked === 'linked' ? 'there' : 'missing';
  const staged = join(staging, file.name);
  const pinned = await linkFile(source, staged);
  if (pinned !== 'elsewhere') return pinned === 'linked' ? 'staged' : 'missing';
  return (await copyDurably(source, staged)) === 'copied' ? 'staged' : 'missing';
}

function summarize(
  database: Database,
  { accountId, nowMs }: BackupRequest,
  { files, missing }: PinnedFiles,
): BackupSummary {
  const row = database.statement('SELECT message_count, total_bytes FROM mailbox').row();
  return {
    accountId,
    madeMs: nowMs,
    messageCount: Number(row?.[0]),
    totalBytes: Number(row?.[1]),
    fileCount: files.length - missing.length,
    missingFiles: missing,
  };
}

/** The moment from which on this is the backup; then what only the old one needed may go. */
async function installBackup(
  target: string,
  newDatabase: string,
  summary: BackupSummary,
  files: readonly NamedFile[],
): Promise<void> {
  const newSummary = join(target, `${SUMMARY_NAME}.new`);
  await writeFile(newSummary, `${JSON.stringify(summary, undefined, 2)}\n`, { mode: 0o600 });
  await syncFile(newSummary);
  await rename(newDatabase, join(target, DATABASE_NAME));
  await rename(newSummary, join(target, SUMMARY_NAME));
  await nodeStoreFiles.syncFolder(target);
  await nodeStoreFiles.syncFolder(dirname(target));
  const messages = join(target, MESSAGES_NAME);
  const known = new Set(files.map(({ name }) => name));
  for (const name of await readdir(messages)) {
    if (!known.has(name)) await rm(join(messages, name), { force: true });
  }
}
