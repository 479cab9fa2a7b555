/** Searches narrowed by the index: never a match less, whatever state the index is in. */
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Folder, Mailbox, TextQuery } from '../api.ts';
import { mailboxLayout, type MailboxLayout } from '../mailbox-layout.ts';
import { createInlineMaintenance } from '../maintenance.ts';
import {
  append,
  asUid,
  asUids,
  listUids,
  openFolder,
  openMailbox,
  present,
  valueOf,
} from '../testing/mail-steps.ts';
import { openSqliteHarness, type SqliteHarness } from '../testing/sqlite-harness.ts';
import { SteppedTextIndexer } from './stepped-text-indexer.ts';

let harness: SqliteHarness;
let mailbox: Mailbox;
let folder: Folder;

const layout = (): MailboxLayout => present(mailboxLayout(harness.root, 'ACCOUNT1'));
const body = (text: string): TextQuery => ({ scope: 'body', text });

function makeText(text: string, bodyBytes: number = 0): Buffer {
  const filling = 'lorem ipsum\r\n'.repeat(Math.ceil(bodyBytes / 13));
  return Buffer.from(`Subject: subject ${text}\r\n\r\n${filling}words of ${text} here\r\n`);
}

/** UIDs of the candidates, or undefined where the index narrows nothing. */
async function find(...queries: TextQuery[]): Promise<(number[] | undefined)[]> {
  const found = await folder.findTextCandidates(queries);
  return found.map((uids) => uids && [...uids].toSorted((a, b) => a - b));
}

/** Lets the background work begin, and waits until the index knows all. */
async function catchUp(): Promise<void> {
  await expect
    .poll(
      async () => {
        harness.clock.advance(2000);
        return (await find(body('nowhere to be found')))[0];
      },
      // At low priority, on a machine that has other things to do.
      { timeout: 15_000 },
    )
    .toEqual([]);
}

describe.each([
  ['in steps', () => ({ textIndexer: new SteppedTextIndexer() })],
  ['in its thread', () => ({})],
] as const)('a search narrowed by an index kept %s', (_, options) => {
  beforeEach(async () => {
    harness = await openSqliteHarness({ maintenance: createInlineMaintenance(), ...options() });
    mailbox = await openMailbox(harness.store);
    folder = await openFolder(mailbox);
  });

  afterEach(async () => {
    await harness.dispose();
  });

  it('finds what is indexed by its words, and everything that is not', async () => {
    for (const word of ['apple', 'pear', 'plum']) await append(mailbox, makeText(word));
    expect(await find(body('pear'))).toEqual([undefined]);
    await catchUp();
    expect(await find(body('pear'), body('e'), { scope: 'subject', text: 'plum' })).toEqual([
      [2],
      undefined,
      [3],
    ]);
    await append(mailbox, makeText('pear'));
    expect(await find(body('pear'), body('apple'))).toEqual([
      [2, 4],
      [1, 4],
    ]);
    await catchUp();
    expect(await find(body('pear'), body('apple'))).toEqual([[2, 4], [1]]);
  });

  it('looks into messages that are files', async () => {
    await append(mailbox, makeText('needle', 300_000));
    await append(mailbox, makeText('hay', 300_000));
    await catchUp();
    expect(await find(body('needle'), body('lorem'))).toEqual([[1], undefined]);
  });

  it('follows copies and moves, and forgets what is gone', async () => {
    for (const word of ['apple', 'pear']) await append(mailbox, makeText(word));
    await catchUp();
    await folder.copy(asUids(2), 'Sent');
    await folder.move(asUids(1), 'Sent');
    expect(await find(body('pear'), body('apple'))).toEqual([undefined, []]);
    await folder.changeFlags(asUids(2), { kind: 'add', flags: ['\\Deleted'] });
    await folder.expunge(undefined);
    expect(listUids(folder)).toEqual([]);
    folder = await openFolder(mailbox, 'Sent');
    expect(await find(body('pear'), body('apple'))).toEqual([[1], [2]]);
  });

  it('is up to date again after a restart, without the file, and with a broken one', async () => {
    for (const word of ['apple', 'pear']) await append(mailbox, makeText(word));
    await catchUp();
    for (const spoil of [
      () => undefined,
      () => rmSync(layout().textIndex),
      () => writeFileSync(layout().textIndex, 'no index'.repeat(1000)),
    ]) {
      mailbox.close();
      await harness.restart();
      expect(existsSync(`${layout().textIndex}-wal`)).toBe(false);
      spoil();
      mailbox = await openMailbox(harness.store);
      folder = await openFolder(mailbox);
      const [before] = await find(body('pear'));
      expect(before ?? [2]).toContain(2);
      await append(mailbox, makeText('more'));
      await catchUp();
      expect(await find(body('pear'))).toEqual([[2]]);
    }
  });

  it('is closed with its mailbox, also while it is busy', async () => {
    for (let at = 0; at < 200; at += 1) await append(mailbox, makeText(`word${at}`, 3000));
    harness.clock.advance(2000);
    mailbox.close();
    await harness.restart();
    expect(harness.events.map(({ name }) => name)).not.toContain('mailbox.text-index-failed');
    mailbox = await openMailbox(harness.store);
    folder = await openFolder(mailbox);
    expect(listUids(folder)).toHaveLength(200);
    const [found] = await find(body('word77'));
    expect(found ?? [78]).toContain(78);
  });
});

describe('a search without an index that works', () => {
  it('is not narrowed, told once, and tried again after a while', async () => {
    let askedCount = 0;
    harness = await openSqliteHarness({
      maintenance: createInlineMaintenance(),
      textIndexer: {
        catchUp: () => Promise.reject(new Error('not expected')),
        findCandidates: () => {
          askedCount += 1;
          return Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' }));
        },
        forget: () => Promise.resolve(),
        close: () => Promise.resolve(),
      },
    });
    mailbox = await openMailbox(harness.store);
    const uid = await append(mailbox, makeText('apple'));
    folder = await openFolder(mailbox);
    expect(await find(body('apple'), body('pear'))).toEqual([undefined, undefined]);
    expect(await find(body('apple'))).toEqual([undefined]);
    expect(askedCount).toBe(1);
    expect(harness.events.at(-1)).toMatchObject({
      name: 'mailbox.text-index-failed',
      code: 'ENOSPC',
    });
    harness.clock.advance(60_000);
    expect(await find(body('apple'))).toEqual([undefined]);
    expect(askedCount).toBe(2);
    expect(valueOf(await mailbox.statusOf('INBOX')).uidNext).toBe(asUid(uid + 1));
    await harness.dispose();
  });
});
