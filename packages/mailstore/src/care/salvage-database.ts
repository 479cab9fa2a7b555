/**
 * A database that SQLite finds damaged: its indexes are made anew, and if that is not enough,
 * every row that can still be read goes into a new database. The damaged one is kept beside.
 * Errors that are no damage are thrown, and leave everything in place.
 *
 * Gap: where the first pages are damaged, which say where everything is, nothing can be read
 * through SQLite; what comes back then are the message files. The octets of small messages are
 * still in the file that is kept, for a tool that looks at its pages.
 */
import { rename, rm } from 'node:fs/promises';
import { TextIndexFile } from '@homeward/text-index';
import { type Database, errorCode, nodeStoreFiles, openDatabase } from '@homeward/durable-store';
import { createMailboxRow } from '../maintenance.ts';
import type { MailboxLayout } from '../mailbox-layout.ts';
import { healFolders } from '../operations/heal-folders.ts';
import { migrateSchema, SCHEMA_VERSION, SchemaTooNewError } from '../schema.ts';
import { copyDurably, linkFile } from './backup-files.ts';
import { goBeyond } from './go-beyond.ts';
import { salvageRows } from './salvage-rows.ts';
import { isDamage, isUnfitRow } from './sqlite-damage.ts';

/** While a worker opens or closes the mailbox. */
export const WAIT_MS = 5000;

/** @returns What SQLite says, empty if all is well. Throws errors that are no damage. */
export function checkIntegrity(database: Database): string[] {
  try {
    const rows = database
      .statement('PRAGMA integrity_check(20)')
      .rows()
      .map(([text]) => String(text));
    return rows.length === 1 && rows[0] === 'ok' ? [] : rows;
  } catch (error) {
    if (isDamage(error)) return [errorCode(error)];
    throw error;
  }
}

export interface SalvageOptions {
  readonly accountId: string;
  readonly nowMs: number;
  /** For a mailbox whose own row is lost. */
  readonly epoch: number;
}

/** Opens the database of a claimed mailbox, after it was salvaged if it must be. */
export async function openSound(
  layout: MailboxLayout,
  options: SalvageOptions,
): Promise<{ readonly database: Database; readonly wasDamaged: boolean }> {
  const database = openDamaged(layout.database);
  try {
    if (database !== undefined) {
      if (checkIntegrity(database).length === 0) return { database, wasDamaged: false };
      if (reindex(database)) return { database, wasDamaged: true };
    }
  } catch (error) {
    database?.close();
    throw error;
  }
  await salvage(database, layout, options);
  return { database: openDatabase(layout.database), wasDamaged: true };
}

/** @returns undefined if nothing of it can be read. */
function openDamaged(path: string): Database | undefined {
  try {
    return openDatabase(path, { waitMs: WAIT_MS });
  } catch (error) {
    if (isDamage(error)) return undefined;
    throw error;
  }
}

async function salvage(
  damaged: Database | undefined,
  layout: MailboxLayout,
  options: SalvageOptions,
): Promise<void> {
  const path = `${layout.database}.salvaged`;
  try {
    await removeDatabase(path);
    copyInto(path, damaged, options);
  } catch (error) {
    await removeDatabase(path);
    throw error;
  } finally {
    // Its log goes into the file with that, if it is any good.
    damaged?.close();
  }
  await replaceDatabase(layout, path, options.nowMs);
}

function copyInto(path: string, damaged: Database | undefined, options: SalvageOptions): void {
  const salvaged = openDatabase(path);
  try {
    if (damaged !== undefined) refuseLaterSchema(damaged);
    migrateSchema(salvaged);
    if (damaged !== undefined) salvageRows(damaged, salvaged);
    if (salvaged.statement('SELECT 1 FROM mailbox').row() === undefined) {
      createMailboxRow(salvaged, { ...options, leastUidValidity: 1, defaultFolders: [] });
    }
    healFolders(salvaged);
    goBeyond(salvaged, options);
    salvaged.statement('PRAGMA wal_checkpoint(TRUNCATE)').row();
  } finally {
    salvaged.close();
  }
}

/** This code would leave out what it does not know of. */
function refuseLaterSchema(damaged: Database): void {
  const version = Number(damaged.statement('PRAGMA user_version').row()?.[0]);
  if (version > SCHEMA_VERSION) throw new SchemaTooNewError(`schema ${version} is damaged`);
}

/** @returns True if that was all that was wrong. */
function reindex(database: Database): boolean {
  try {
    database.exec('REINDEX');
  } catch (error) {
    if (isDamage(error) || isUnfitRow(error)) return false;
    throw error;
  }
  return checkIntegrity(database).length === 0;
}

async function removeDatabase(path: string): Promise<void> {
  for (const suffix of ['-wal', '-shm', '']) await rm(path + suffix, { force: true });
}

/**
 * At every moment there is a mailbox. The damaged one gets a second name first. Its log goes
 * before the new database comes: that would take it for its own.
 */
async function replaceDatabase(layout: MailboxLayout, path: string, nowMs: number): Promise<void> {
  const aside = `${layout.database}.damaged-${nowMs}`;
  for (const suffix of ['', '-wal']) {
    const from = layout.database + suffix;
    if ((await linkFile(from, aside + suffix)) === 'elsewhere') {
      await copyDurably(from, aside + suffix);
    }
  }
  await nodeStoreFiles.syncFolder(layout.folder);
  await rm(layout.wal, { force: true });
  await rm(layout.logIndex, { force: true });
  TextIndexFile.remove(layout.textIndex);
  await nodeStoreFiles.syncFolder(layout.folder);
  await rename(path, layout.database);
  await nodeStoreFiles.syncFolder(layout.folder);
}
