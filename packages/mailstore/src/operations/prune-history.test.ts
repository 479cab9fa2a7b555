/** Histories and folders of any length are worked on in short steps. */
import { describe, expect, it } from 'vitest';
import { Database } from '@homeward/durable-store';
import { FlagSetTable } from '../flag-sets.ts';
import { createMailboxRow } from '../maintenance.ts';
import { MailboxTransaction } from '../mailbox-transaction.ts';
import { migrateSchema } from '../schema.ts';
import { createFolder, renameFolder } from './change-folders.ts';
import { pruneHistory } from './prune-history.ts';

const BOUNDS = {
  pathBytes: 1000,
  folderDepth: 10,
  folderCount: 10_000,
  subscriptionCount: 10,
};
const INBOX_ID = 1;

function makeDatabase(): Database {
  const database = new Database(':memory:');
  migrateSchema(database);
  createMailboxRow(database, {
    accountId: 'A',
    epoch: 1,
    leastUidValidity: 1,
    nowMs: 1,
    defaultFolders: [],
  });
  return database;
}

function transact<Value>(database: Database, work: (tx: MailboxTransaction) => Value): Value {
  database.exec('BEGIN');
  const tx = new MailboxTransaction(database, new FlagSetTable(database), 1);
  const value = work(tx);
  tx.finish(0);
  database.exec('COMMIT');
  return value;
}

/** `count` expunges of each mod-sequence. */
function makeHistory(database: Database, modSeqs: readonly number[], count: number): void {
  let uid = 0;
  const insert = database.statement('INSERT INTO expunged VALUES (1, ?, ?)');
  for (const modSeq of modSeqs) {
    for (let at = 0; at < count; at += 1) insert.run(modSeq, (uid += 1));
  }
  database
    .statement('UPDATE folder SET history_count = ?, uid_next = ?, highest_mod_seq = 900')
    .run(uid, uid + 1);
}

function readHistory(database: Database): { rows: number; from: number; kept: number } {
  const row = database
    .statement(
      `SELECT (SELECT count(*) FROM expunged), history_from, history_count FROM folder
       WHERE id = ${INBOX_ID}`,
    )
    .row();
  const [rows = 0, from = 0, kept = 0] = (row ?? []).map(Number);
  return { rows, from, kept };
}

describe('pruneHistory()', () => {
  it.each<[string, readonly number[], number, number, number]>([
    ['all of one mod-sequence', [500], 12_000, 1000, 0],
    ['many of each', [100, 200, 300, 400], 3000, 4000, 3000],
    ['one of each', Array.from({ length: 3000 }, (_, at) => at + 10), 1, 1000, 1000],
  ])(
    'removes a few rows a step, and says first what it forgets: %s',
    (_, modSeqs, count, keptCount, expected) => {
      const database = makeDatabase();
      makeHistory(database, modSeqs, count);
      let isMoreLeft = true;
      for (let steps = 0; isMoreLeft; steps += 1) {
        const before = readHistory(database);
        const pruned = transact(database, (tx) => pruneHistory(tx, INBOX_ID, keptCount));
        const after = readHistory(database);
        expect(before.rows - after.rows).toBeLessThanOrEqual(500);
        // Rows that go were forgotten before.
        if (after.rows < before.rows) expect(after.from).toBe(before.from);
        expect(after.kept).toBe(after.rows);
        isMoreLeft = pruned.ok && pruned.value;
        expect(steps).toBeLessThan(100);
      }
      expect(readHistory(database).rows).toBe(expected);
      const least = database.statement('SELECT min(mod_seq) FROM expunged').row()?.[0];
      if (expected > 0) expect(Number(least)).toBeGreaterThan(readHistory(database).from);
      database.close();
    },
  );

  it('leaves a history alone that is short enough', () => {
    const database = makeDatabase();
    makeHistory(database, [5, 6], 400);
    const pruned = transact(database, (tx) => pruneHistory(tx, INBOX_ID, 1000));
    expect(pruned).toEqual({ ok: true, value: false });
    expect(readHistory(database)).toEqual({ rows: 800, from: 0, kept: 800 });
    database.close();
  });
});

describe('renameFolder()', () => {
  it('lets others have their turn among many descendants', () => {
    const database = makeDatabase();
    const yieldCount = transact(database, (tx) => {
      for (let at = 0; at < 1000; at += 1) {
        createFolder(tx, { path: `Old/${at}`, isSelectable: true }, BOUNDS);
      }
      let count = 0;
      for (const steps = renameFolder(tx, 'Old', 'New', BOUNDS); ; count += 1) {
        if (steps.next().done === true) return count;
      }
    });
    expect(yieldCount).toBe(5);
    const paths = database.statement(`SELECT count(*) FROM folder WHERE path LIKE 'New/%'`).row();
    expect(paths).toEqual([1000]);
    database.close();
  });
});
