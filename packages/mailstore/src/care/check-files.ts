/** Message files that no message names. What can be read of them comes back as messages. */
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Database, openDatabase } from '@homeward/durable-store';
import { insertMessage } from '../operations/append-messages.ts';
import { placeInRecovered } from './recovered-folder.ts';
import type { CareJob } from './findings.ts';
import { receiveFile } from './stored-message.ts';

/** While a mailbox is in use, a file may be younger than its row: but never for so long. */
const SETTLED_MS = 3_600_000;

/**
 * @param names Those in the folder before the database was read.
 * @returns How many files there are.
 */
export async function checkFiles(job: CareJob, names: readonly string[]): Promise<number> {
  const known = readKnownNames(job.database);
  const strange = names.filter((name) => !known.has(name));
  const candidates = job.isMending ? strange : await withoutMoving(job, strange);
  for (const name of candidates) await checkFile(job, name);
  return names.length;
}

/** Names in the folder of message files. */
export function listFiles(job: CareJob): Promise<string[]> {
  return readdir(job.layout.messages);
}

async function checkFile(job: CareJob, name: string): Promise<void> {
  const path = join(job.layout.messages, name);
  if (name.endsWith('.tmp')) {
    if (job.isMending) await rm(path, { force: true });
    job.note({ kind: 'unfinished-file', subject: `file ${name}`, isMended: job.isMending });
    return;
  }
  const received = job.isMending ? await receiveFile(job, name) : undefined;
  const isWorthless = received === undefined || received.sizeBytes === 0;
  // A message that is there already is not brought back a second time.
  if (isWorthless || isStored(job.database, received.digest)) {
    if (job.isMending) await rm(path, { force: true });
    job.note({ kind: 'orphan-file', subject: `file ${name}`, isMended: job.isMending });
    return;
  }
  const epochMs = Math.floor((await stat(path)).mtimeMs);
  job.found('orphan-file', `file ${name}`, (tx) => {
    const messageId = insertMessage(tx, received, 1);
    placeInRecovered(tx, { messageId, sizeBytes: received.sizeBytes, epochMs, zoneMinutes: 0 });
  });
}

function isStored(database: Database, digest: Uint8Array): boolean {
  return (
    database
      .statement('SELECT 1 FROM message WHERE digest = ? AND ref_count > 0 LIMIT 1')
      .row(digest) !== undefined
  );
}

/** Leaves out what a worker may be about to name, or to remove. */
async function withoutMoving(job: CareJob, names: readonly string[]): Promise<string[]> {
  if (names.length === 0) return [];
  const latest = openDatabase(job.layout.database, { isReadOnly: true });
  let known: Set<string>;
  try {
    known = readKnownNames(latest);
  } finally {
    latest.close();
  }
  const settled: string[] = [];
  for (const name of names) {
    if (known.has(name)) continue;
    const mtimeMs = await modifiedMs(join(job.layout.messages, name));
    if (mtimeMs !== undefined && job.nowMs - mtimeMs > SETTLED_MS) settled.push(name);
  }
  return settled;
}

function readKnownNames(database: Database): Set<string> {
  const rows = database.statement('SELECT file FROM message WHERE file IS NOT NULL').rows();
  return new Set(rows.map(([name]) => String(name)));
}

async function modifiedMs(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).mtimeMs;
  } catch {
    // Removed meanwhile.
    return undefined;
  }
}
