/** What is put off of descriptions: seen at once, written soon, and for no message that is gone. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Database } from '@homeward/durable-store';
import type { FactName, Folder, Mailbox } from './api.ts';
import { mailboxLayout } from './mailbox-layout.ts';
import {
  append,
  asUid,
  asUids,
  makeMessage,
  openFolder,
  openMailbox,
  present,
  tryAppendAll,
  valueOf,
} from './testing/mail-steps.ts';
import { describePlainly } from './testing/plain-describer.ts';
import { openSqliteHarness, type SqliteHarness } from './testing/sqlite-harness.ts';

const REST: ReadonlySet<FactName> = new Set(['header', 'preview', 'sort-facts']);
/** Longer than anything is put off, or garbage is left. */
const A_WHILE_MS = 60_000;

let harness: SqliteHarness;
let mailbox: Mailbox;
let folder: Folder;

beforeEach(async () => {
  harness = await openSqliteHarness();
  mailbox = await openMailbox(harness.store);
  folder = await openFolder(mailbox);
});

afterEach(async () => {
  await harness.dispose();
});

/** Ids of messages that have a row in each of the tables of the rest. */
function idsWritten(): number[] {
  const { database } = present(mailboxLayout(harness.root, 'ACCOUNT1'));
  const reader = new Database(database, { isReadOnly: true });
  try {
    const sql = `SELECT message_id FROM header JOIN preview USING (message_id)
      JOIN sort_fact USING (message_id) ORDER BY message_id`;
    return reader
      .statement(sql)
      .rows()
      .map(([id]) => Number(id));
  } finally {
    reader.close();
  }
}

async function readRest(uid: number): Promise<(string | undefined)[]> {
  const [facts] = await folder.readFacts([asUid(uid)], REST);
  const parts = [facts?.header, facts?.preview, facts?.sortFacts];
  return parts.map((octets) => octets && Buffer.from(octets).toString());
}

describe('the rest of a description', () => {
  it('is seen before it is written, and written soon', async () => {
    await append(mailbox, makeMessage('a'));
    expect(idsWritten()).toEqual([]);
    const early = await readRest(1);
    expect(early[0]).toContain('Subject: a\r\n');
    expect(early).not.toContain(undefined);
    harness.clock.advance(A_WHILE_MS);
    await vi.waitFor(() => expect(idsWritten()).toEqual([1]));
    expect(await readRest(1)).toEqual(early);
  });

  it('goes along with a message that comes when many wait', async () => {
    for (let count = 0; count < 33; count += 1) await append(mailbox, makeMessage(`m${count}`));
    expect(idsWritten()).toEqual(Array.from({ length: 32 }, (_unused, at) => at + 1));
  });

  it('is written at once for messages that come together', async () => {
    const messages = ['a', 'b'].map((name) => ({ octets: makeMessage(name) }));
    valueOf(await tryAppendAll(mailbox, 'INBOX', messages));
    expect(idsWritten()).toEqual([1, 2]);
  });

  it('is written when the mailbox is closed', async () => {
    await append(mailbox, makeMessage('a'));
    mailbox.close();
    await harness.restart();
    expect(idsWritten()).toEqual([1]);
  });

  it('costs nobody anything if the describer throws', async () => {
    await harness.dispose();
    harness = await openSqliteHarness({
      describe: () => ({
        push: () => undefined,
        finish: () => ({
          ...describePlainly(Buffer.from('x')),
          describeRest: () => {
            throw new RangeError('a bug');
          },
        }),
      }),
    });
    mailbox = await openMailbox(harness.store);
    for (let count = 0; count < 34; count += 1) await append(mailbox, makeMessage(`m${count}`));
    folder = await openFolder(mailbox);
    expect(await readRest(34)).toEqual([undefined, undefined, undefined]);
    const failed = harness.events.filter(({ name }) => name === 'mailbox.description-failed');
    expect(failed.map(({ code }) => code)).toEqual(Array.from({ length: 34 }, () => 'RangeError'));
  });

  it('is not written for a message that was removed meanwhile', async () => {
    await append(mailbox, makeMessage('gone'), { flags: ['\\Deleted'] });
    valueOf(await folder.expunge(asUids(1)));
    harness.clock.advance(A_WHILE_MS);
    await append(mailbox, makeMessage('here'));
    harness.clock.advance(A_WHILE_MS);
    await vi.waitFor(() => expect(idsWritten()).toEqual([2]));
  });
});
