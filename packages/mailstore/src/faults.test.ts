/** Full volumes and broken disks: a clear refusal, no damage, and good service afterwards. */
import { readdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createSeededRandom, startNode } from '@homeward/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Database, type Statement } from '@homeward/durable-store';
import { createFailingFiles, type FailingFiles } from '@homeward/durable-store/testing';
import type { Folder, Mailbox, Outcome } from './api.ts';
import { verifyMailbox } from './care/verify-mailbox.ts';
import { mailboxLayout, type MailboxLayout } from './mailbox-layout.ts';
import { GARBAGE_DELAY_MS } from './mailbox-upkeep.ts';
import { createInlineMaintenance, type Maintenance } from './maintenance.ts';
import {
  append,
  asUid,
  asUids,
  listUids,
  makeMessage,
  openFolder,
  openMailbox,
  present,
  readMessage,
  reasonOf,
  reasonsOf,
  tryAppend,
  tryAppendAll,
  valueOf,
} from './testing/mail-steps.ts';
import { createPlainDescriber } from './testing/plain-describer.ts';
import { openSqliteHarness, type SqliteHarness } from './testing/sqlite-harness.ts';

const READER = fileURLToPath(new URL('./testing/read-forever.ts', import.meta.url));

/** Throws an I/O error for statements that a test picks. */
class FailingDatabase extends Database {
  failOn: string | undefined;

  override statement(sql: string): Statement {
    if (sql === this.failOn) throw Object.assign(new Error('disk I/O error'), { errcode: 10 });
    return super.statement(sql);
  }
}

let files: FailingFiles;
let maintenance: Maintenance;
let failingTask: 'hold' | 'checkpoint' | undefined;
let database: FailingDatabase;
let harness: SqliteHarness;
let mailbox: Mailbox;

const layout = (): MailboxLayout => present(mailboxLayout(harness.root, 'ACCOUNT1'));
const eventNames = (): string[] => harness.events.map(({ name }) => name);
const large = makeMessage('large', 300_000);

beforeEach(async () => {
  files = createFailingFiles();
  failingTask = undefined;
  const inline = createInlineMaintenance();
  const failIf = (task: typeof failingTask): void => {
    if (task === failingTask) throw Object.assign(new Error('injected'), { code: 'EIO' });
  };
  maintenance = {
    ...inline,
    hold: async (path) => {
      failIf('hold');
      return inline.hold(path);
    },
    checkpoint: async (path) => {
      failIf('checkpoint');
      return inline.checkpoint(path);
    },
  };
  harness = await openSqliteHarness({
    files,
    maintenance,
    checkpointBytes: 500_000,
    openDatabase: (path) => (database = new FailingDatabase(path)),
  });
  mailbox = await openMailbox(harness.store);
  await append(mailbox, makeMessage('first'));
});

afterEach(async () => {
  files.failWith(undefined);
  failingTask = undefined;
  await harness.dispose();
});

/** The mailbox as the next user finds it: what was acknowledged, and in working order. */
async function checkReopened(messageCount: number): Promise<void> {
  files.failWith(undefined);
  const reopened = await openMailbox(harness.store);
  const folder = await openFolder(reopened);
  expect(listUids(folder)).toHaveLength(messageCount);
  expect(await readMessage(folder, asUid(1))).toEqual(makeMessage('first'));
  const uid = await append(reopened, makeMessage('next'));
  expect(await readMessage(folder, uid)).toEqual(makeMessage('next'));
  reopened.close();
}

describe('a failed sync of the WAL', () => {
  it('refuses all that wait, breaks the mailbox, and takes nothing back', async () => {
    const folder = await openFolder(mailbox);
    const notices: number[] = [];
    folder.subscribe(() => notices.push(folder.index.uids.length));
    let brokenCount = 0;
    mailbox.onBroken(() => (brokenCount += 1));
    files.failWith('syncLog');
    const outcomes = await Promise.all([
      tryAppend(mailbox, makeMessage('second')),
      folder.changeFlags(asUids(1), { kind: 'add', flags: ['\\Seen'] }),
      mailbox.createFolder('New', true),
      folder.copy(asUids(1), 'Sent'),
    ]);
    expect(reasonsOf(outcomes)).toEqual(Array(4).fill('unavailable'));
    expect([mailbox.isBroken, brokenCount]).toEqual([true, 1]);
    // That what was recent is so no more may have been told; a second message never.
    expect(notices.filter((count) => count !== 1)).toEqual([]);
    expect(listUids(folder)).toEqual([1]);
    const later = [
      await tryAppend(mailbox, makeMessage('third')),
      await mailbox.openFolder('INBOX', true),
      await mailbox.openMaildrop(),
      await folder.expunge(undefined),
    ];
    expect(reasonsOf(later)).toEqual(Array(4).fill('unavailable'));
    expect(await folder.readFacts(asUids(1), new Set(['octets']))).toEqual([]);
    expect(await folder.openMessage(asUid(1))).toBeUndefined();
    mailbox.close();
    await checkReopened(1);
    expect(eventNames()).toContain('mailbox.broke');
  });

  it('cuts off what was never surely synced, and no more', async () => {
    for (let at = 0; at < 20; at += 1) await append(mailbox, makeMessage(`m${at}`, 9000));
    const folder = await openFolder(mailbox);
    files.failWith('syncLog');
    await folder.changeFlags(asUids(1), { kind: 'add', flags: ['\\Seen'] });
    await checkReopened(21);
  });

  it('cuts off the right part also when the WAL has begun anew', async () => {
    const count = 200;
    for (let at = 0; at < count; at += 1) {
      if (at % 17 === 16) files.failWith('syncLog');
      const outcome = await tryAppend(mailbox, makeMessage(`m${at}`, 9000));
      if (!outcome.ok) mailbox = await reopen();
    }
    const acknowledged = count - Math.floor(count / 17);
    mailbox.close();
    await checkReopened(1 + acknowledged);
  });

  it('cuts off the right part also while another process reads the database', async () => {
    for (let at = 0; at < 10; at += 1) await append(mailbox, makeMessage(`m${at}`, 9000));
    await using reader = startNode(READER, { args: [layout().database] });
    await reader.waitForLine(/^reading$/);
    files.failWith('syncLog');
    await Promise.all([1, 2, 3].map((at) => tryAppend(mailbox, makeMessage(`lost${at}`, 9000))));
    mailbox.close();
    await checkReopened(11);
  });

  it('leaves the mailbox shut if the end of the WAL cannot be cut off', async () => {
    files.failWith('syncLog');
    await tryAppend(mailbox, makeMessage('second'));
    files.failWith('truncateLog');
    const opened = await harness.store.openMailbox('ACCOUNT1', { epoch: 1, create: true });
    expect(reasonOf(opened)).toBe('locked');
    expect(eventNames()).toContain('mailbox.maintenance-failed');
  });
});

async function reopen(): Promise<Mailbox> {
  files.failWith(undefined);
  mailbox.close();
  return openMailbox(harness.store);
}

describe('an error of the database', () => {
  it.each(['BEGIN IMMEDIATE', 'COMMIT'])('in %s breaks the mailbox', async (sql) => {
    database.failOn = sql;
    const outcomes = await Promise.all([
      tryAppend(mailbox, makeMessage('second')),
      mailbox.createFolder('New', true),
    ]);
    expect(reasonsOf(outcomes)).toEqual(['unavailable', 'unavailable']);
    mailbox.close();
    await checkReopened(1);
  });

  it('a full volume refuses what is written and serves what is read', async () => {
    const folder = await openFolder(mailbox);
    database.exec('PRAGMA max_page_count = 60');
    const outcomes = [];
    for (let at = 0; at < 10; at += 1) {
      outcomes.push(await tryAppend(mailbox, makeMessage(`m${at}`, 30_000)));
    }
    const refused = outcomes.filter((outcome) => !outcome.ok);
    expect(refused.length).toBeGreaterThan(0);
    expect(reasonsOf(refused)).toEqual(refused.map(() => 'unavailable'));
    expect(eventNames()).toContain('mailbox.volume-full');
    expect(mailbox.isBroken).toBe(false);
    expect(await readMessage(folder, asUid(1))).toEqual(makeMessage('first'));
    database.exec('PRAGMA max_page_count = 1000000');
    const uid = await append(mailbox, makeMessage('after', 30_000));
    expect(listUids(folder)).toHaveLength(12 - refused.length);
    expect(uid).toBe(12 - refused.length);
  });

  it('a copy that meets a full volume copies nothing', async () => {
    const folder = await openFolder(mailbox);
    for (let round = 0; round < 10; round += 1) {
      valueOf(await folder.copy(asUids(...listUids(folder)), 'INBOX'));
    }
    const pages = Number(database.statement('PRAGMA page_count').row()?.[0]);
    database.exec(`PRAGMA max_page_count = ${pages + 3}`);
    const refused = await folder.copy(asUids(...listUids(folder)), 'Sent');
    expect(reasonOf(refused)).toBe('unavailable');
    expect(valueOf(await mailbox.statusOf('Sent')).messageCount).toBe(0);
    database.exec('PRAGMA max_page_count = 1000000');
    expect(valueOf(await folder.copy(asUids(1), 'Sent')).newUids).toEqual([1]);
  });
});

describe('a volume that is full now and then', () => {
  const setFull = (isFull: boolean): void => {
    const pages = Number(database.statement('PRAGMA page_count').row()?.[0]);
    database.exec(`PRAGMA max_page_count = ${isFull ? pages + 2 : 10_000_000}`);
    files.failWith(isFull ? 'write' : undefined, 'ENOSPC');
  };

  it('refuses appends of many as a whole, and has room again for what was put aside', async () => {
    setFull(true);
    const many = Array.from({ length: 150 }, (_, at) => ({ octets: makeMessage(`m${at}`, 9000) }));
    expect(reasonOf(await tryAppendAll(mailbox, 'INBOX', many))).toBe('unavailable');
    const withFile = [{ octets: makeMessage('a') }, { octets: large }];
    expect(reasonOf(await tryAppendAll(mailbox, 'INBOX', withFile))).toBe('unavailable');
    expect(mailbox.usage.messageCount).toBe(1);
    setFull(false);
    expect(valueOf(await tryAppendAll(mailbox, 'INBOX', many)).uids).toHaveLength(150);
    mailbox.close();
    await harness.restart();
    expect(await verify()).toEqual([]);
  });

  it('keeps a message that could not be replaced', async () => {
    const folder = await openFolder(mailbox);
    setFull(true);
    const replacing = { folder, uid: asUid(1) };
    expect(reasonOf(await tryAppend(mailbox, large, { replacing }))).toBe('unavailable');
    const grown = makeMessage('grown', 60_000);
    expect(reasonOf(await tryAppend(mailbox, grown, { replacing }))).toBe('unavailable');
    expect(await readMessage(folder, asUid(1))).toEqual(makeMessage('first'));
    setFull(false);
    expect(await append(mailbox, grown, { replacing })).toBe(2);
    expect(listUids(folder)).toEqual([2]);
  });

  it('loses nothing that was acknowledged, and does nothing in part', async () => {
    const random = createSeededRandom(11);
    const folder = await openFolder(mailbox);
    let expectedCount = 1;
    let refusedCount = 0;
    for (let step = 0; step < 150; step += 1) {
      setFull(random() < 0.4);
      const outcome = await changeSomething(folder, random);
      if (outcome.ok) expectedCount += outcome.value;
      else refusedCount += 1;
      expect(listUids(folder)).toHaveLength(expectedCount);
    }
    expect(refusedCount).toBeGreaterThan(10);
    setFull(false);
    mailbox.close();
    await harness.restart();
    expect(await verify()).toEqual([]);
    await checkReopened(expectedCount);
  });

  /** @returns How many messages there are more, once it is done. */
  async function changeSomething(folder: Folder, random: () => number): Promise<Outcome<number>> {
    const count = 1 + Math.floor(random() * 20);
    const dice = random();
    if (dice < 0.5) {
      const bodyBytes = random() < 0.1 ? 300_000 : 5000;
      const messages = Array.from({ length: count }, (_, at) => ({
        octets: makeMessage(`${at}`, bodyBytes),
      }));
      const appended = await tryAppendAll(mailbox, 'INBOX', messages);
      return appended.ok ? { ok: true, value: count } : appended;
    }
    const uids = asUids(...listUids(folder).slice(0, count));
    if (dice < 0.75) {
      const copied = await folder.copy(uids, 'INBOX');
      return copied.ok ? { ok: true, value: uids.length } : copied;
    }
    const flags = [`$k${Math.floor(random() * 100)}`];
    const changed = await folder.changeFlags(uids, { kind: 'add', flags });
    return changed.ok ? { ok: true, value: 0 } : changed;
  }

  /** What is wrong with the closed mailbox. */
  async function verify(): Promise<readonly unknown[]> {
    const verified = await verifyMailbox({
      root: harness.root,
      accountId: 'ACCOUNT1',
      isMending: false,
      describe: createPlainDescriber,
      nowMs: Date.now(),
      epoch: 1,
    });
    return valueOf(verified).findings;
  }
});

describe('a failed file', () => {
  it.each([
    ['createFile', 'ENOSPC'],
    ['write', 'ENOSPC'],
    ['write', 'EIO'],
    ['sync', 'EIO'],
    ['sync', 'ENOSPC'],
    ['rename', 'EIO'],
    ['syncFolder', 'EIO'],
  ] as const)('(%s, %s) refuses the message and leaves nothing', async (operation, code) => {
    files.failWith(operation, code);
    expect(reasonOf(await tryAppend(mailbox, large))).toBe('unavailable');
    expect(harness.events.at(-1)).toMatchObject({ name: 'mailbox.volume-full', code });
    expect(readdirSync(layout().messages)).toEqual([]);
    expect(await append(mailbox, makeMessage('second'))).toBe(2);
    files.failWith(undefined);
    expect(await append(mailbox, large)).toBe(3);
    mailbox.close();
    await checkReopened(3);
  });

  it('that cannot be removed is told, and removed at the next opening', async () => {
    await append(mailbox, large, { flags: ['\\Deleted'] });
    const folder = await openFolder(mailbox);
    files.failWith('remove');
    valueOf(await folder.expunge(undefined));
    harness.clock.advance(GARBAGE_DELAY_MS);
    await expect.poll(eventNames).toContain('mailbox.file-removal-failed');
    expect(readdirSync(layout().messages)).toHaveLength(1);
    mailbox.close();
    files.failWith(undefined);
    await harness.restart();
    await checkReopened(1);
    expect(readdirSync(layout().messages)).toEqual([]);
  });

  it('a message that comes too late for a broken mailbox is refused', async () => {
    const sink = valueOf(await mailbox.startAppend('INBOX'));
    await sink.startMessage({ flags: [], internalDate: undefined, sizeBytes: large.length });
    await sink.write(large);
    files.failWith('syncLog');
    await tryAppend(mailbox, makeMessage('breaks'));
    files.failWith(undefined);
    valueOf(await sink.endMessage());
    expect(reasonOf(await sink.commit())).toBe('unavailable');
    mailbox.close();
    await checkReopened(1);
  });
});

describe('failed maintenance', () => {
  it('at the checkpoint breaks the mailbox, and nothing is lost', async () => {
    failingTask = 'checkpoint';
    let count = 1;
    while (!mailbox.isBroken) {
      if ((await tryAppend(mailbox, makeMessage('more', 9000))).ok) count += 1;
    }
    mailbox.close();
    await checkReopened(count);
  });

  it('at the close leaves the WAL for the next owner', async () => {
    await append(mailbox, makeMessage('second'));
    failingTask = 'hold';
    mailbox.close();
    await harness.restart();
    expect(statSync(layout().wal).size).toBeGreaterThan(0);
    failingTask = undefined;
    await checkReopened(2);
  });

  it('at the opening refuses the mailbox', async () => {
    mailbox.close();
    await harness.restart();
    files.failWith('syncFolder');
    const opened = await harness.store.openMailbox('ACCOUNT1', { epoch: 1, create: true });
    expect(reasonOf(opened)).toBe('unavailable');
    await checkReopened(1);
  });
});
