import { beforeEach, describe, expect, it } from 'vitest';
import { Database } from '@homeward/durable-store';
import { FlagSetTable } from './flag-sets.ts';
import { migrateSchema } from './schema.ts';
import { reasonOf } from './testing/mail-steps.ts';

const BOUNDS = { keywordCount: 3, flagsPerMessage: 4 };
let database: Database;
let table: FlagSetTable;

beforeEach(() => {
  database = new Database(':memory:');
  migrateSchema(database);
  table = new FlagSetTable(database);
});

function canonical(...flags: string[]): readonly string[] {
  const outcome = table.canonicalize(flags, BOUNDS);
  if (!outcome.ok) throw new Error(outcome.reason);
  return outcome.names;
}

describe('FlagSetTable', () => {
  it('gives equal sets one object, whatever their order', () => {
    const first = table.intern(canonical('$b', '\\seen', '$a'));
    expect(first.names).toEqual(['\\Seen', '$a', '$b']);
    expect(table.intern(canonical('$A', '$B', '\\SEEN'))).toBe(first);
    expect(table.getById(first.id)).toBe(first);
  });

  it('is the same after it was read again', () => {
    const { id } = table.intern(canonical('\\Draft', 'Work'));
    table.commit();
    table = new FlagSetTable(database);
    expect(table.getById(id).names).toEqual(['\\Draft', 'Work']);
    expect(canonical('WORK')).toEqual(['Work']);
  });

  it('a rollback forgets what its transaction added', () => {
    const kept = table.intern(canonical('$a'));
    table.commit();
    database.exec('BEGIN');
    const dropped = table.intern(canonical('$New'));
    table.applyChange(kept, { kind: 'add', flags: ['$New'] }, BOUNDS);
    database.exec('ROLLBACK');
    table.rollback();
    expect(() => table.getById(dropped.id)).toThrow('missing');
    expect(canonical('$NEW')).toEqual(['$NEW']);
    expect(table.applyChange(kept, { kind: 'add', flags: ['$NEW'] }, BOUNDS)?.names).toEqual([
      '$NEW',
      '$a',
    ]);
  });

  it('a set that was retired is written anew when it is wanted again', () => {
    const retired = table.intern(canonical('$a'));
    table.commit();
    table.retireUnused();
    expect(table.getById(retired.id)).toBe(retired);
    table.dropRetired(() => false);
    expect(() => table.getById(retired.id)).toThrow('missing');
    const again = table.intern(canonical('$a'));
    const row = database.statement('SELECT names FROM flag_set WHERE id = ?').row(again.id);
    expect(row).toEqual(['$a']);
  });

  it.each([
    [['a', 'b', 'c', 'd'], 'too-many'],
    [['\\Seen', '\\Draft', '\\Answered', '\\Flagged', '\\Deleted'], 'too-many'],
    [['\\Nope'], 'not-permitted'],
    [['x{'], 'not-permitted'],
    [['\u0000'], 'not-permitted'],
  ] as const)('refuses %j: %s', (flags, reason) => {
    expect(reasonOf(narrow(table.canonicalize(flags, BOUNDS)))).toBe(reason);
  });
});

/** The outcome in the shape of all outcomes. */
function narrow(outcome: ReturnType<FlagSetTable['canonicalize']>) {
  return outcome.ok ? { ok: true as const, value: outcome.names } : outcome;
}
