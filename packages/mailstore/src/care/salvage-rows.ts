/**
 * Copies what can still be read of a damaged database into a new one. What cannot be read, and
 * what the new one refuses for what is in it, is left out; any other error of the new one, such
 * as a full volume, ends the copying.
 */
import type { Database, Row, Statement } from '@homeward/durable-store';
import { isDamage, isUnfitRow } from './sqlite-damage.ts';

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
/** Tables that name folders by their numbers. */
const FOLDER_ID_TABLES = ['placement', 'flag_state', 'expunged', 'save_date'] as const;
/** Rows between two commits. */
const BATCH_ROWS = 500;

interface TableCopy {
  readonly from: Database;
  readonly to: Database;
  readonly table: string;
  /** Those that both have: the damaged one may be of an earlier version. */
  readonly columns: readonly string[];
  readonly keys: readonly string[];
}

/** @param to Has the tables, and nothing in them. */
export function salvageRows(from: Database, to: Database): void {
  for (const table of TABLES) {
    const present = new Set(listColumns(from, table));
    const columns = listColumns(to, table).filter((name) => present.has(name));
    if (columns.length > 0) copyTable({ from, to, table, columns, keys: listKeys(to, table) });
  }
  keepFolderIds(to);
}

/** From both ends, until damage is met; in between one by one, where rows have plain numbers. */
function copyTable(copy: TableCopy): void {
  for (const direction of ['ASC', 'DESC']) {
    if (copyRows(copy, copy.keys.map((key) => `${key} ${direction}`).join(', '))) return;
  }
  if (MESSAGE_ID_TABLES.has(copy.table)) copyOneByOne(copy);
}

/** @returns False if it met damage. Rows that are there already are left as they are. */
function copyRows({ from, to, table, columns }: TableCopy, order: string): boolean {
  const insert = insertInto(to, table, columns);
  const rows = from.each(`SELECT ${columns.join(', ')} FROM ${table} ORDER BY ${order}`);
  to.exec('BEGIN');
  for (let count = 1; ; count += 1) {
    const next = unlessDamaged(() => rows.next());
    if (next === undefined || next.done === true) {
      to.exec('COMMIT');
      return next !== undefined;
    }
    insertRow(insert, next.value);
    if (count % BATCH_ROWS === 0) to.exec('COMMIT; BEGIN');
  }
}

/** The messages of a mailbox have the numbers below `next_message_id`. */
function copyOneByOne({ from, to, table, columns, keys }: TableCopy): void {
  const end = Number(to.statement('SELECT next_message_id FROM mailbox').row()?.[0] ?? 0);
  const sql = `SELECT ${columns.join(', ')} FROM ${table} WHERE ${keys[0]} = ?`;
  const select = unlessDamaged(() => from.statement(sql));
  if (select === undefined) return;
  const insert = insertInto(to, table, columns);
  to.exec('BEGIN');
  for (let id = 1; id < end; id += 1) {
    const row = unlessDamaged(() => select.row(id));
    if (row !== undefined) insertRow(insert, row);
    if (id % BATCH_ROWS === 0) to.exec('COMMIT; BEGIN');
  }
  to.exec('COMMIT');
}

function unlessDamaged<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (isDamage(error)) return undefined;
    throw error;
  }
}

/** What the new database does not take, such as a text where a number must be, is damage, too. */
function insertRow(insert: Statement, row: Row): void {
  try {
    insert.run(...row);
  } catch (error) {
    if (!isUnfitRow(error)) throw error;
  }
}

/** No new folder gets the number of a lost one, for it would get its messages as well. */
function keepFolderIds(to: Database): void {
  const used = FOLDER_ID_TABLES.map((table) => `SELECT max(folder_id) AS id FROM ${table}`);
  const last = to
    .statement(
      `SELECT max(id) FROM (SELECT max(id) AS id FROM folder UNION ${used.join(' UNION ')})`,
    )
    .row()?.[0];
  if (typeof last !== 'number') return;
  to.exec(`DELETE FROM sqlite_sequence WHERE name = 'folder'`);
  to.statement(`INSERT INTO sqlite_sequence (name, seq) VALUES ('folder', ?)`).run(last);
}

/** @returns None if it has no such table, or nobody can tell. */
function listColumns(database: Database, table: string): string[] {
  const sql = `SELECT name FROM pragma_table_info('${table}')`;
  const rows = unlessDamaged(() => database.statement(sql).rows()) ?? [];
  return rows.map(([name]) => String(name));
}

function listKeys(database: Database, table: string): string[] {
  return database
    .statement(`SELECT name FROM pragma_table_info('${table}') WHERE pk > 0 ORDER BY pk`)
    .rows()
    .map(([name]) => String(name));
}

function insertInto(database: Database, table: string, columns: readonly string[]): Statement {
  const places = columns.map(() => '?').join(', ');
  return database.statement(
    `INSERT OR IGNORE INTO ${table} (${columns.join(', ')}) VALUES (${places})`,
  );
}
