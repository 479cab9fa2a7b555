/**
 * A database that SQLite finds damaged: its indexes are made anew, and if that is not enough,
 * every row that can still be read goes into a new database. The damaged one is kept beside.
 *
 * Gap: where the first pages are damaged, which say where everything is, nothing can be read
 * through SQLite; what comes back then are the message files. The octets of small messages are
 * still in the file that is kept, for a tool that looks at its pages.
 */
import { rename, rm } from 'node:fs/promises';
import { classifyDatabaseError, Database, type Row, type Statement } from '../database.ts';
import { createMailboxRow } from '../maintenance.ts';
import type { MailboxLayout } from '../mailbox-layout.ts';
import { migrateSchema } from '../schema.ts';
import { errorCode, nodeStoreFiles } from '../store-files.ts';
import { goBeyond } from './go-beyond.ts';

/** In this order: what the mailbox says of itself tells where to look for the rest. */
const TABLES = [
  'mailbox',
  'folder',
  'subscription',
  'flag_set',
  'placement',
  'flag_state',
  'expunged',
  'save_date',
  'metadata',
  'access_right',
  'message',
  'summary',
  'header',
  'shape',
  'content',
  'preview',
  'sort_fact',
] as const;
const MESSAGE_ID_TABLES: ReadonlySet<string> = new Set([
  'message',
  'summary',
  'header',
  'shape',
  'content',
  'preview',
  'sort_fact',
]);
/** While a worker opens or closes the mailbox. */
export const WAIT_MS = 5000;
/** Rows between two commits. */
const BATCH_ROWS = 500;

/** @returns What SQLite says, empty if all is well. */
export function checkIntegrity(database: Database): string[] {
  try {
    const rows = database
      .statement('PRAGMA integrity_check(20)')
      .rows()
      .map(([text]) => String(text));
    return rows.length === 1 && rows[0] === 'ok' ? [] : rows;
  } catch (error) {
    return [errorCode(error)];
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
  if (database !== undefined) {
    if (checkIntegrity(database).length === 0) return { database, wasDamaged: false };
    if (reindex(database)) return { database, wasDamaged: true };
  }
  await salvage(database, layout, options);
  return { database: new Database(layout.database), wasDamaged: true };
}

/** @returns undefined if nothing of it can be read. */
function openDamaged(path: string): Database | undefined {
  try {
    return new Database(path, { waitMs: WAIT_MS });
  } catch (error) {
    if (classifyDatabaseError(error) === undefined) throw error;
    return undefined;
  }
}

async function salvage(
  damaged: Database | undefined,
  layout: MailboxLayout,
  options: SalvageOptions,
): Promise<void> {
  const path = `${layout.database}.salvaged`;
  await rm(path, { force: true });
  const salvaged = new Database(path);
  try {
    migrateSchema(salvaged);
    if (damaged !== undefined) for (const table of TABLES) copyTable(damaged, salvaged, table);
    if (salvaged.statement('SELECT 1 FROM mailbox').row() === undefined) {
      createMailboxRow(salvaged, { ...options, defaultFolders: [] });
    }
    goBeyond(salvaged, options);
    salvaged.statement('PRAGMA wal_checkpoint(TRUNCATE)').row();
  } finally {
    salvaged.close();
    damaged?.close();
  }
  await replaceDatabase(layout, path, options.nowMs);
}

/** @returns True if that was all that was wrong. */
function reindex(database: Database): boolean {
  try {
    database.exec('REINDEX');
    return checkIntegrity(database).length === 0;
  } catch {
    return false;
  }
}

async function replaceDatabase(layout: MailboxLayout, path: string, nowMs: number): Promise<void> {
  const damaged = `${layout.database}.damaged-${nowMs}`;
  for (const suffix of ['-wal', '']) {
    try {
      await rename(layout.database + suffix, damaged + suffix);
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
    }
  }
  await rm(layout.logIndex, { force: true });
  await rename(path, layout.database);
  await nodeStoreFiles.syncFolder(layout.folder);
}

/** From both ends, until damage is met; in between one by one, where rows have plain numbers. */
function copyTable(from: Database, to: Database, table: string): void {
  const keys = to
    .statement(`SELECT name FROM pragma_table_info('${table}') WHERE pk > 0 ORDER BY pk`)
    .rows()
    .map(([name]) => String(name));
  for (const direction of ['ASC', 'DESC']) {
    const order = keys.map((key) => `${key} ${direction}`).join(', ');
    if (copyRows(from, to, { table, order })) return;
  }
  if (MESSAGE_ID_TABLES.has(table)) copyOneByOne(from, to, { table, key: keys[0] ?? '' });
}

/** The messages of a mailbox have the numbers below `next_message_id`. */
function copyOneByOne(
  from: Database,
  to: Database,
  { table, key }: { readonly table: string; readonly key: string },
): void {
  const end = Number(to.statement('SELECT next_message_id FROM mailbox').row()?.[0] ?? 0);
  const columns = listColumns(to, table);
  const select = from.statement(`SELECT ${columns.join(', ')} FROM ${table} WHERE ${key} = ?`);
  const insert = insertInto(to, table, columns);
  to.exec('BEGIN');
  for (let id = 1; id < end; id += 1) {
    try {
      const row = select.row(id);
      if (row !== undefined) insert.run(...row);
    } catch {
      // Damaged: the next one may be better.
    }
  }
  to.exec('COMMIT');
}

/** @returns False if it met damage. Rows that are there already are left as they are. */
function copyRows(
  from: Database,
  to: Database,
  { table, order }: { readonly table: string; readonly order: string },
): boolean {
  const columns = listColumns(to, table);
  const insert = insertInto(to, table, columns);
  let isWhole = true;
  to.exec('BEGIN');
  try {
    let count = 0;
    for (const row of from.each(`SELECT ${columns.join(', ')} FROM ${table} ORDER BY ${order}`)) {
      insertRow(insert, row);
      count += 1;
      if (count % BATCH_ROWS === 0) to.exec('COMMIT; BEGIN');
    }
  } catch {
    isWhole = false;
  }
  to.exec('COMMIT');
  return isWhole;
}

/** What the new database does not take, such as a text where a number must be, is damage, too. */
function insertRow(insert: Statement, row: Row): void {
  try {
    insert.run(...row);
  } catch {
    // The next row may be better.
  }
}

function listColumns(database: Database, table: string): string[] {
  return database
    .statement(`SELECT name FROM pragma_table_info('${table}')`)
    .rows()
    .map(([name]) => String(name));
}

function insertInto(database: Database, table: string, columns: readonly string[]): Statement {
  const places = columns.map(() => '?').join(', ');
  return database.statement(
    `INSERT OR IGNORE INTO ${table} (${columns.join(', ')}) VALUES (${places})`,
  );
}
