/** Many rows read by one statement are the same octets that single statements give. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Database } from '@homeward/durable-store';
import { readColumns } from './bulk-columns.ts';

let database: Database;

beforeAll(() => {
  database = new Database(':memory:');
  database.exec('CREATE TABLE pair (id INTEGER PRIMARY KEY, one BLOB NOT NULL, two BLOB NOT NULL)');
});

afterAll(() => database.close());

type Pair = readonly [one: Uint8Array, two: Uint8Array];

function fill(rows: ReadonlyMap<number, Pair>): void {
  database.exec('DELETE FROM pair');
  const insert = database.statement('INSERT INTO pair VALUES (?, ?, ?)');
  for (const [id, [one, two]] of rows) insert.run(id, one, two);
}

const source = { table: 'pair', id: 'id', columns: ['one', 'two'] } as const;

describe('readColumns()', () => {
  it.each<[string, Uint8Array]>([
    ['nothing', new Uint8Array()],
    ['NUL octets', Buffer.from('a\0b\0')],
    ['what is no UTF-8', Buffer.from([0xff, 0xc3, 0x28, 0xed, 0xa0, 0x80])],
    ['a byte order mark', Buffer.from([0xef, 0xbb, 0xbf, 0x41])],
    ['digits and blanks, which the description is made of', Buffer.from('12 3 45 ')],
  ])('gives back %s', (_what, octets) => {
    fill(new Map([[7, [octets, Buffer.from('x')]]]));
    const [one, two] = readColumns(database, source, [7]);
    expect(Buffer.from(one?.get(7) ?? 'none')).toEqual(Buffer.from(octets));
    expect(Buffer.from(two?.get(7) ?? 'none')).toEqual(Buffer.from('x'));
  });

  it('finds nothing where nothing is, and nothing that was not asked for', () => {
    fill(new Map([[1, [Buffer.from('a'), Buffer.from('b')]]]));
    expect(readColumns(database, source, []).map((found) => found.size)).toEqual([0, 0]);
    expect(readColumns(database, source, [2, 3]).map((found) => found.size)).toEqual([0, 0]);
  });

  it('gives each row its own octets, however many there are and in whatever order', () => {
    const octets = fc.uint8Array({ maxLength: 40 });
    const table = fc
      .array(fc.tuple(fc.integer({ min: 1, max: 60 }), fc.tuple(octets, octets)), { maxLength: 40 })
      .map((rows) => new Map<number, Pair>(rows));
    fc.assert(
      fc.property(table, fc.array(fc.integer({ min: 1, max: 60 })), (rows, ids) => {
        fill(rows);
        const found = readColumns(database, source, ids);
        for (const column of [0, 1] as const) {
          const wanted = new Map<number, Buffer>();
          for (const id of ids) {
            const row = rows.get(id);
            if (row !== undefined) wanted.set(id, Buffer.from(row[column]));
          }
          const got = [...(found[column] ?? [])].map(
            ([id, one]) => [id, Buffer.from(one)] as const,
          );
          expect(new Map(got)).toEqual(wanted);
        }
      }),
    );
  });
});
