/**
 * Many rows of one table by one statement: SQLite joins a column's octets, and one copy brings
 * them over. Measured on 10,000 rows: 0.5 to 1 µs for each, where a statement for each row takes
 * 2.5 to 3.5.
 */
import type { Database } from '@homeward/durable-store';

/** A column's octets by the row's id. Views on shared memory: for the moment, not to be kept. */
export type ColumnOctets = ReadonlyMap<number, Uint8Array>;

/**
 * Reads BLOB columns that are never NULL.
 *
 * @returns One map for each of `columns`; rows that are not there are in none of them.
 */
export function readColumns(
  database: Database,
  source: { readonly table: string; readonly id: string; readonly columns: readonly string[] },
  ids: readonly number[],
): readonly ColumnOctets[] {
  const { table, id, columns } = source;
  const octets = columns.map((column) => `CAST(group_concat(${column}, '') AS BLOB)`).join(', ');
  const lengths = columns.map((column) => `length(${column})`).join(` || ' ' || `);
  const row = database
    .statement(
      `SELECT group_concat(${id} || ' ' || ${lengths}, ' '), ${octets} FROM ${table}
       WHERE ${id} IN (SELECT value FROM json_each(?))`,
    )
    .row(JSON.stringify(ids));
  const found = columns.map(() => new Map<number, Uint8Array>());
  const description = row?.[0];
  if (typeof description !== 'string') return found;
  const numbers = description.split(' ');
  const joined = columns.map((_column, at) => row?.[at + 1]);
  const taken = columns.map(() => 0);
  const stride = columns.length + 1;
  for (let at = 0; at < numbers.length; at += stride) {
    const rowId = Number(numbers[at]);
    for (let column = 0; column < columns.length; column += 1) {
      const all = joined[column];
      const start = taken[column] ?? 0;
      const end = start + Number(numbers[at + 1 + column]);
      taken[column] = end;
      if (all instanceof Uint8Array) found[column]?.set(rowId, all.subarray(start, end));
    }
  }
  return found;
}
