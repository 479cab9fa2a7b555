/** Every kind of damage is found, mended without loss, and not found again. */
import {
  openSync,
  closeSync,
  existsSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { createSeededRandom } from '@homeward/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Database } from '@homeward/durable-store';
import type { Mailbox } from '../api.ts';
import { mailboxLayout, type MailboxLayout } from '../mailbox-layout.ts';
import { MailLedger } from '../testing/mail-ledger.ts';
import {
  append,
  asUid,
  flagsOf,
  listUids,
  makeMessage,
  openFolder,
  openMailbox,
  present,
  readMessage,
  reasonOf,
  valueOf,
} from '../testing/mail-steps.ts';
import { MailWorkload } from '../testing/mail-workload.ts';
import { createPlainDescriber } from '../testing/plain-describer.ts';
import { openSqliteHarness, type SqliteHarness } from '../testing/sqlite-harness.ts';
import { verifyMailbox, type VerifyReport } from './verify-mailbox.ts';

const NOW_MS = Date.now();
const small = makeMessage('small', 2000);
const large = makeMessage('large', 300_000);
let harness: SqliteHarness;

const layout = (): MailboxLayout => present(mailboxLayout(harness.root, 'ACCOUNT1'));
const filePath = (): string => join(layout().messages, present(readdirSync(layout().messages)[0]));

async function verify(isMending: boolean): Promise<VerifyReport> {
  return valueOf(
    await verifyMailbox({
      root: harness.root,
      accountId: 'ACCOUNT1',
      isMending,
      describe: createPlainDescriber,
      nowMs: NOW_MS,
      epoch: 1,
    }),
  );
}

const kindsOf = (report: VerifyReport): string[] => [
  ...new Set(report.findings.map(({ kind }) => kind)),
];

function alter(sql: string): void {
  const database = new Database(layout().database);
  database.exec(sql);
  database.close();
}

/** Overwrites octets of a file. */
function scribble(path: string, position: number, octets: Buffer): void {
  const descriptor = openSync(path, 'r+');
  writeSync(descriptor, octets, 0, octets.length, position);
  closeSync(descriptor);
}

/** All messages of a folder, as text. */
async function readAll(mailbox: Mailbox, path: string): Promise<string[]> {
  const folder = await openFolder(mailbox, path, true);
  const texts: string[] = [];
  for (const uid of listUids(folder)) texts.push(String(await readMessage(folder, asUid(uid))));
  folder.close();
  return texts;
}

/** INBOX: small (1), large (2), both once more in Sent; one expunged. Closed. */
beforeEach(async () => {
  harness = await openSqliteHarness();
  const mailbox = await openMailbox(harness.store);
  await append(mailbox, small, { flags: ['\\Flagged'] });
  await append(mailbox, large, { flags: ['$Kept', '\\Deleted'] });
  const folder = await openFolder(mailbox);
  await folder.copy([asUid(1), asUid(2)], 'Sent');
  await append(mailbox, makeMessage('gone'), { flags: ['\\Deleted'] });
  valueOf(await folder.expunge([asUid(3)]));
  mailbox.close();
  await harness.restart();
});

afterEach(async () => {
  await harness.dispose();
});

describe('verifyMailbox()', () => {
  it('finds nothing wrong with a mailbox that is in order, closed or in use', async () => {
    const expected = { messageCount: 2, fileCount: 1, findingCount: 0, findings: [] };
    expect(await verify(false)).toEqual(expected);
    expect(await verify(true)).toEqual(expected);
    const mailbox = await openMailbox(harness.store);
    await append(mailbox, makeMessage('new'));
    expect(await verify(false)).toEqual({ ...expected, messageCount: 3 });
  });

  it('finds nothing wrong while a mailbox is worked with', async () => {
    const mailbox = await openMailbox(harness.store);
    const random = createSeededRandom(3);
    let isDone = false;
    const workload = new MailWorkload(mailbox, new MailLedger(), random, 0);
    const work = (async () => {
      while (!isDone) await workload.step();
    })();
    for (let round = 0; round < 5; round += 1) {
      expect(await verify(false)).toMatchObject({ findingCount: 0 });
    }
    isDone = true;
    await work;
  });

  it('mends no mailbox that is in use, and knows none that is not there', async () => {
    const mailbox = await openMailbox(harness.store);
    const request = {
      root: harness.root,
      accountId: 'ACCOUNT1',
      isMending: true,
      describe: createPlainDescriber,
      nowMs: NOW_MS,
      epoch: 1,
    };
    expect(reasonOf(await verifyMailbox(request))).toBe('locked');
    mailbox.close();
    expect(reasonOf(await verifyMailbox({ ...request, accountId: 'NOBODY' }))).toBe('nonexistent');
  });

  it.each<[string, string, string[]]>([
    [
      'placement-without-flags',
      'DELETE FROM flag_state WHERE folder_id = 1 AND uid = 1',
      ['placement-without-flags', 'wrong-folder-sums'],
    ],
    [
      'flags-without-placement',
      'INSERT INTO flag_state SELECT 1, 9, flag_set_id, mod_seq FROM flag_state LIMIT 1',
      ['flags-without-placement', 'wrong-counter'],
    ],
    [
      'flags-unknown',
      'UPDATE flag_state SET flag_set_id = 99 WHERE folder_id = 1 AND uid = 2',
      ['flags-unknown', 'wrong-folder-sums'],
    ],
    [
      'wrong-reference-count',
      'UPDATE message SET ref_count = 0 WHERE id = 1',
      ['wrong-reference-count'],
    ],
    [
      'wrong-folder-sums',
      'UPDATE folder SET message_count = 7, unseen_count = 0, deleted_bytes = 3, recent_count = 9',
      ['wrong-folder-sums', 'wrong-mailbox-sums'],
    ],
    ['wrong-mailbox-sums', 'UPDATE mailbox SET total_bytes = 1', ['wrong-mailbox-sums']],
    [
      'wrong-counter',
      'UPDATE folder SET uid_next = 2 WHERE id = 1; UPDATE mailbox SET mod_seq = 0, next_message_id = 1, next_uid_validity = 1',
      ['wrong-counter'],
    ],
    ['missing-description', 'DELETE FROM summary WHERE message_id = 2', ['missing-description']],
    ['missing-description', 'DELETE FROM shape WHERE message_id = 1', ['missing-description']],
    [
      'octets-without-message',
      'DELETE FROM message WHERE id = 1',
      ['octets-without-message', 'placement-without-message', 'wrong-folder-sums'],
    ],
  ])('finds and mends, with every message in its place: %s', async (kind, sql, kinds) => {
    alter(sql);
    const found = await verify(false);
    expect(kindsOf(found)).toContain(kind);
    expect(kinds).toEqual(expect.arrayContaining(kindsOf(found)));
    expect(found.findings.every(({ isMended }) => !isMended)).toBe(true);
    const mended = await verify(true);
    expect(kindsOf(mended)).toContain(kind);
    expect(mended.findings.every(({ isMended }) => isMended)).toBe(true);
    expect(await verify(false)).toMatchObject({ findingCount: 0 });
    const mailbox = await openMailbox(harness.store);
    for (const path of ['INBOX', 'Sent']) {
      expect(await readAll(mailbox, path)).toEqual([String(small), String(large)]);
    }
    // UIDs that flags tell of were given, too.
    const nextUid = kind === 'flags-without-placement' ? 10 : 4;
    expect(await append(mailbox, makeMessage('next'))).toBe(nextUid);
    const folder = await openFolder(mailbox);
    const facts = await folder.readFacts([asUid(1)], new Set(['envelope', 'shape'] as const));
    expect(facts[0]?.envelope).toBeDefined();
    expect(facts[0]?.shape).toBeDefined();
  });

  it.each<[string, string, string[]]>([
    [
      'message-without-placement',
      'DELETE FROM placement WHERE message_id = 1',
      ['flags-without-placement', 'message-without-placement', 'wrong-folder-sums'],
    ],
    [
      'placement-without-folder',
      'DELETE FROM folder WHERE id = 1; DELETE FROM placement WHERE folder_id = 2',
      ['flags-without-placement', 'placement-without-folder', 'wrong-folder-sums'],
    ],
  ])('brings back what no folder has any more: %s', async (_, sql, kinds) => {
    alter(sql);
    expect(kindsOf(await verify(true)).toSorted()).toEqual(expect.arrayContaining(kinds));
    expect(await verify(false)).toMatchObject({ findingCount: 0 });
    const mailbox = await openMailbox(harness.store);
    expect(await readAll(mailbox, 'Recovered')).toContain(String(small));
  });

  it('lets go of a place whose message is gone, and tells clients', async () => {
    alter('DELETE FROM message WHERE id = 1; DELETE FROM content WHERE message_id = 1');
    expect(kindsOf(await verify(true))).toContain('placement-without-message');
    expect(await verify(false)).toMatchObject({ findingCount: 0 });
    const folder = await openFolder(await openMailbox(harness.store));
    expect(listUids(folder)).toEqual([2]);
    expect(await folder.expungedSince(folder.index.highestModSeq)).toEqual([]);
    const before = present(folder.index.modSeqAt(0));
    expect(await folder.expungedSince(before)).toEqual([1, 3]);
  });

  it('lets go of flags whose message is nowhere, and tells clients', async () => {
    const before = (await openFolder(await openMailbox(harness.store))).index.highestModSeq;
    await harness.restart();
    alter(
      'DELETE FROM placement WHERE folder_id = 1 AND uid = 1; DELETE FROM message WHERE id = 1',
    );
    alter('DELETE FROM placement WHERE message_id = 1; DELETE FROM content WHERE message_id = 1');
    expect(kindsOf(await verify(true))).toContain('flags-without-placement');
    expect(await verify(false)).toMatchObject({ findingCount: 0 });
    const folder = await openFolder(await openMailbox(harness.store));
    expect(listUids(folder)).toEqual([2]);
    expect(folder.index.highestModSeq).toBeGreaterThan(before);
    expect(await folder.expungedSince(before)).toEqual([1]);
  });

  it('makes a lost INBOX anew', async () => {
    alter('DELETE FROM folder WHERE id = 1');
    expect(kindsOf(await verify(false))).toContain('missing-inbox');
    expect(kindsOf(await verify(true))).toContain('missing-inbox');
    expect(await verify(false)).toMatchObject({ findingCount: 0 });
    const mailbox = await openMailbox(harness.store);
    expect(await append(mailbox, makeMessage('new'))).toBe(1);
    expect(await readAll(mailbox, 'Recovered')).toEqual([String(small), String(large)]);
  });

  it('removes the index of texts if anything was mended, and only then', async () => {
    writeFileSync(layout().textIndex, 'index');
    await verify(true);
    expect(existsSync(layout().textIndex)).toBe(true);
    alter('UPDATE message SET ref_count = 0 WHERE id = 1');
    await verify(false);
    expect(existsSync(layout().textIndex)).toBe(true);
    await verify(true);
    expect(existsSync(layout().textIndex)).toBe(false);
  });

  it.each<[string, () => void, (text: string) => string]>([
    ['wrong-size', () => truncateSync(filePath(), 250_000), (text) => text.slice(0, 250_000)],
    [
      'wrong-digest',
      () => scribble(filePath(), 1000, Buffer.from('SCRIBBLE')),
      (text) => `${text.slice(0, 1000)}SCRIBBLE${text.slice(1008)}`,
    ],
    [
      'missing-file',
      () => rmSync(filePath()),
      (text) =>
        `${text.slice(0, text.indexOf('\r\n\r\n') + 4)}[The rest of this message was lost.]\r\n`,
    ],
  ])(
    'puts what is left of a file in place of it, under a new UID: %s',
    async (kind, damage, left) => {
      damage();
      expect(kindsOf(await verify(false))).toEqual([kind]);
      expect(kindsOf(await verify(true))).toEqual([kind]);
      expect(await verify(false)).toMatchObject({ findingCount: 0 });
      const mailbox = await openMailbox(harness.store);
      for (const path of ['INBOX', 'Sent']) {
        expect(await readAll(mailbox, path)).toEqual([String(small), left(String(large))]);
      }
      const folder = await openFolder(mailbox);
      expect(listUids(folder)).toEqual([1, 4]);
      expect(flagsOf(folder, asUid(4))).toEqual(['\\Deleted', '$Kept']);
    },
  );

  it.each([
    ['missing-octets', 'DELETE FROM content WHERE message_id = 1'],
    ['wrong-digest', 'UPDATE content SET octets = zeroblob(length(octets)) WHERE message_id = 1'],
  ])('does the same for octets in the database: %s', async (kind, sql) => {
    alter(sql);
    expect(kindsOf(await verify(true))).toEqual([kind]);
    expect(await verify(false)).toMatchObject({ findingCount: 0 });
    const mailbox = await openMailbox(harness.store);
    const folder = await openFolder(mailbox);
    expect(listUids(folder)).toEqual([2, 4]);
    expect(flagsOf(folder, asUid(4))).toEqual(['\\Flagged']);
  });

  it('brings back a message file that nothing names, once', async () => {
    const copy = join(layout().messages, 'copy-of-large');
    writeFileSync(join(layout().messages, 'stranger'), makeMessage('stranger', 200_000));
    writeFileSync(copy, large);
    writeFileSync(join(layout().messages, 'empty'), '');
    writeFileSync(join(layout().messages, 'half.tmp'), 'half');
    const past = new Date(NOW_MS - 7_200_000);
    for (const name of readdirSync(layout().messages)) {
      utimesSync(join(layout().messages, name), past, past);
    }
    const kinds = ['orphan-file', 'orphan-file', 'orphan-file', 'unfinished-file'];
    expect((await verify(false)).findings.map(({ kind }) => kind).toSorted()).toEqual(kinds);
    expect((await verify(true)).findings.map(({ kind }) => kind).toSorted()).toEqual(kinds);
    expect(await verify(false)).toMatchObject({ findingCount: 0, fileCount: 2 });
    const mailbox = await openMailbox(harness.store);
    expect(await readAll(mailbox, 'Recovered')).toEqual([String(makeMessage('stranger', 200_000))]);
    const folder = await openFolder(mailbox, 'Recovered');
    expect(folder.index.internalDateAt(0).epochMs).toBe(past.getTime());
  });

  it('leaves files alone that a worker may be about to name', async () => {
    writeFileSync(join(layout().messages, 'just-written'), large);
    expect(await verify(false)).toMatchObject({ findingCount: 0 });
  });
});

describe('a damaged database', () => {
  beforeEach(async () => {
    const mailbox = await openMailbox(harness.store);
    for (let at = 0; at < 200; at += 1) await append(mailbox, makeMessage(`m${at}`, 6000));
    mailbox.close();
    await harness.restart();
  });

  it.each([1, 2, 3, 4, 5, 6])(
    'is salvaged: what can be read is there, and in order (seed %d)',
    async (seed) => {
      const random = createSeededRandom(seed);
      const pageCount = Math.floor(statSync(layout().database).size / 4096);
      for (let count = 0; count < 6; count += 1) {
        // Behind the first pages, which say where everything is.
        const page = 40 + Math.floor(random() * (pageCount - 40));
        scribble(layout().database, page * 4096, Buffer.alloc(4096, 0x5a));
      }
      expect(kindsOf(await verify(false))).toContain('database-damaged');
      const mended = await verify(true);
      expect(kindsOf(mended)).toContain('database-damaged');
      expect(await verify(false)).toMatchObject({ findingCount: 0 });
      const mailbox = await openMailbox(harness.store);
      const texts = [...(await readAll(mailbox, 'INBOX'))];
      for (const { path } of await mailbox.listFolders()) {
        if (path.startsWith('Recovered')) texts.push(...(await readAll(mailbox, path)));
      }
      const whole = Array.from({ length: 200 }, (_, at) => String(makeMessage(`m${at}`, 6000)));
      expect(whole.filter((text) => texts.includes(text)).length).toBeGreaterThan(150);
      // Clients are told of no UID twice.
      const next = await append(mailbox, makeMessage('next'));
      expect(next).toBeGreaterThan(203);
    },
  );

  it('that is none any more is begun anew from the message files', async () => {
    writeFileSync(layout().database, 'no database'.repeat(5000));
    const mended = await verify(true);
    expect(kindsOf(mended)).toEqual(['database-damaged', 'orphan-file']);
    expect(await verify(false)).toMatchObject({ findingCount: 0 });
    const mailbox = await openMailbox(harness.store);
    expect(await readAll(mailbox, 'Recovered')).toEqual([String(large)]);
    expect(readdirSync(layout().folder).filter((name) => name.includes('.damaged-'))).toHaveLength(
      1,
    );
  });
});
