/** The SQLite store passes the contract, and keeps its own rules about opening mailboxes. */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { Database } from '@homeward/durable-store';
import { DEFAULT_STORE_LIMITS } from './mail-store.ts';
import { mailboxLayout, type MailboxLayout } from './mailbox-layout.ts';
import { GARBAGE_DELAY_MS } from './mailbox-upkeep.ts';
import { createInlineMaintenance } from './maintenance.ts';
import {
  append,
  asUid,
  asUids,
  makeMessage,
  openFolder,
  openMailbox,
  present,
  readMessage,
  reasonOf,
  valueOf,
} from './testing/mail-steps.ts';
import { openSqliteHarness, type SqliteHarness } from './testing/sqlite-harness.ts';
import { describeMailStore } from './testing/store-contract.ts';

// A thread for each of its tests would be most of their time; the tests below have one.
describeMailStore('SQLite store', () =>
  openSqliteHarness({ maintenance: createInlineMaintenance() }),
);

let harness: SqliteHarness;

const layout = (): MailboxLayout => present(mailboxLayout(harness.root, 'ACCOUNT1'));

/** Changes the database behind the back of a closed store. */
function alterDatabase(sql: string): void {
  const database = new Database(layout().database);
  database.exec(sql);
  database.close();
}

async function openRefusal(): Promise<string> {
  return reasonOf(await harness.store.openMailbox('ACCOUNT1', { epoch: 1, create: true }));
}

describe('openMailStore()', () => {
  afterEach(async () => {
    await harness.dispose();
  });

  it('works with its maintenance thread', async () => {
    harness = await openSqliteHarness({ checkpointBytes: 200_000 });
    const mailbox = await openMailbox(harness.store);
    for (let at = 0; at < 60; at += 1) await append(mailbox, makeMessage(`m${at}`, 9000));
    mailbox.close();
    await harness.restart();
    const folder = await openFolder(await openMailbox(harness.store));
    expect(await readMessage(folder, asUid(60))).toEqual(makeMessage('m59', 9000));
    expect(harness.events.map(({ name }) => name)).toEqual([
      'mailbox.created',
      'mailbox.opened',
      'mailbox.closed',
      'mailbox.opened',
    ]);
  });

  it('writes the WAL back while it is in use, and begins it anew', async () => {
    harness = await openSqliteHarness({ checkpointBytes: 200_000 });
    const mailbox = await openMailbox(harness.store);
    const sizeOf = (): number => statSync(layout().database).size;
    const emptyBytes = sizeOf();
    const salts = new Set<string>();
    // Each time it begins anew, it has other salts.
    for (let at = 0; at < 3000 && salts.size < 4; at += 1) {
      await append(mailbox, makeMessage(`m${at}`, 9000));
      salts.add(readFileSync(layout().wal).toString('hex', 16, 24));
    }
    expect(salts.size).toBe(4);
    expect(sizeOf()).toBeGreaterThan(emptyBytes);
  });

  it('lets no second owner open a mailbox', async () => {
    harness = await openSqliteHarness();
    const mailbox = await openMailbox(harness.store);
    const other = await openSqliteHarness({ root: harness.root });
    const options = { epoch: 1, create: true };
    expect(reasonOf(await other.store.openMailbox('ACCOUNT1', options))).toBe('locked');
    mailbox.close();
    await harness.restart();
    expect((await other.store.openMailbox('ACCOUNT1', options)).ok).toBe(true);
    expect(await openRefusal()).toBe('locked');
    await other.dispose();
  });

  it('closes a mailbox that was idle for long, and opens it again', async () => {
    harness = await openSqliteHarness({ maintenance: createInlineMaintenance() });
    const mailbox = await openMailbox(harness.store);
    await append(mailbox, makeMessage('a'));
    mailbox.close();
    harness.clock.advance(DEFAULT_STORE_LIMITS.idleMs - 1);
    const again = await openMailbox(harness.store);
    harness.clock.advance(DEFAULT_STORE_LIMITS.idleMs);
    expect(again.isBroken).toBe(false);
    again.close();
    harness.clock.advance(DEFAULT_STORE_LIMITS.idleMs);
    const third = await openMailbox(harness.store);
    expect(harness.events.map(({ name }) => name)).toContain('mailbox.closed');
    expect(valueOf(await third.statusOf('INBOX')).messageCount).toBe(1);
    harness.clock.advance(GARBAGE_DELAY_MS);
    expect(harness.clock.timerCount).toBe(0);
  });

  it('keeps at most so many open, closing the one idle for longest', async () => {
    harness = await openSqliteHarness({ maintenance: createInlineMaintenance() });
    harness.setLimits({ openMailboxCount: 2 });
    const { store, events } = harness;
    const [first, second] = [await openMailbox(store, 'A'), await openMailbox(store, 'B')];
    const refused = store.openMailbox('C', { epoch: 1, create: true });
    harness.clock.advance(DEFAULT_STORE_LIMITS.openWaitMs);
    expect(reasonOf(await refused)).toBe('too-many');
    const waiting = openMailbox(store, 'C');
    harness.clock.advance(DEFAULT_STORE_LIMITS.openWaitMs - 1);
    second.close();
    first.close();
    const third = await waiting;
    (await openMailbox(store, 'A')).close();
    await expect
      .poll(() => events.filter(({ name }) => name === 'mailbox.closed'))
      .toEqual([{ name: 'mailbox.closed', accountId: 'B' }]);
    expect(store.openMailboxCount).toBe(2);
    third.close();
  });

  it('puts files aside that no message has, when it opens a mailbox', async () => {
    harness = await openSqliteHarness();
    const mailbox = await openMailbox(harness.store);
    const uid = await append(mailbox, makeMessage('large', 300_000));
    mailbox.close();
    await harness.restart();
    writeFileSync(join(layout().messages, 'left-over'), 'x');
    writeFileSync(join(layout().messages, 'left-over.tmp'), 'x');
    const folder = await openFolder(await openMailbox(harness.store));
    expect(readdirSync(layout().messages)).toHaveLength(1);
    // The one that was whole is kept for a while.
    expect(readdirSync(layout().lost)).toEqual([expect.stringMatching(/^\d+-left-over$/)]);
    expect(await readMessage(folder, uid)).toEqual(makeMessage('large', 300_000));
    expect(harness.events.at(-2)).toMatchObject({ name: 'mailbox.orphans-put-aside', count: 2 });
  });

  it('removes octets once no folder has them', async () => {
    harness = await openSqliteHarness();
    const mailbox = await openMailbox(harness.store);
    for (const bodyBytes of [10, 300_000]) {
      await append(mailbox, makeMessage('gone', bodyBytes), { flags: ['\\Deleted'] });
    }
    const folder = await openFolder(mailbox);
    await folder.copy(asUids(1, 2), 'Sent');
    await folder.expunge(undefined);
    await append(mailbox, makeMessage('kept'));
    await mailbox.createFolder('Sent/Below', true);
    expect(readdirSync(layout().messages)).toHaveLength(1);
    await mailbox.deleteFolder('Sent');
    harness.clock.advance(GARBAGE_DELAY_MS);
    await expect.poll(() => readdirSync(layout().messages)).toEqual([]);
    mailbox.close();
    await harness.store.close();
    const database = new Database(layout().database);
    for (const table of ['message', 'summary', 'header', 'shape', 'content', 'placement']) {
      const count = database.statement(`SELECT count(*) FROM ${table}`).row();
      expect([table, count]).toEqual([table, [1]]);
    }
    database.close();
  });

  it('forgets combinations of flags that nothing has any more', async () => {
    harness = await openSqliteHarness({ maintenance: createInlineMaintenance() });
    const mailbox = await openMailbox(harness.store);
    await append(mailbox, makeMessage('a'));
    const folder = await openFolder(mailbox);
    for (let at = 1; at < 5000; at += 100) {
      const changes = Array.from({ length: 100 }, (_, offset) => {
        const bits = (at + offset).toString(2).padStart(13, '0');
        const flags = [...bits].flatMap((bit, place) => (bit === '1' ? [`$k${place}`] : []));
        return folder.changeFlags(asUids(1), { kind: 'replace', flags });
      });
      await Promise.all(changes);
    }
    const expected = [...folder.index.flagsAt(0).names];
    mailbox.close();
    await harness.store.close();
    const database = new Database(layout().database);
    const [count] = present(database.statement('SELECT count(*) FROM flag_set').row());
    database.close();
    expect(count).toBeLessThan(2000);
    expect(expected.length).toBeGreaterThan(0);
  });

  it.each([
    ["UPDATE mailbox SET state = 'sealed', sealed_to = 'oslo'", 'sealed'],
    ['PRAGMA user_version = 99; UPDATE mailbox SET oldest_code_version = 99', 'unavailable'],
    ["UPDATE mailbox SET account_id = 'ANOTHER'", 'unavailable'],
    ['UPDATE mailbox SET epoch = 2', 'stale-epoch'],
  ])('refuses a mailbox it must not serve: %s', async (sql, reason) => {
    harness = await openSqliteHarness();
    (await openMailbox(harness.store)).close();
    await harness.restart();
    alterDatabase(sql);
    expect(await openRefusal()).toBe(reason);
    expect(await openRefusal()).toBe(reason);
  });

  it('serves a mailbox of the next release that this one can still read', async () => {
    harness = await openSqliteHarness();
    (await openMailbox(harness.store)).close();
    await harness.restart();
    alterDatabase('PRAGMA user_version = 99');
    await append(await openMailbox(harness.store), makeMessage('a'));
  });

  it('refuses a database that is none', async () => {
    harness = await openSqliteHarness();
    (await openMailbox(harness.store)).close();
    await harness.restart();
    writeFileSync(layout().database, 'not a database, but long enough to have a header'.repeat(99));
    expect(await openRefusal()).toBe('unavailable');
  });
});
