/** Who has to wait for the texts of others, and who need not. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { mailboxLayout } from '../mailbox-layout.ts';
import { append, makeMessage, openMailbox, present } from '../testing/mail-steps.ts';
import { openSqliteHarness, type SqliteHarness } from '../testing/sqlite-harness.ts';
import { SteppedTextIndexer } from './stepped-text-indexer.ts';
import type { TextIndexTarget } from './text-indexer.ts';

let harness: SqliteHarness;
let indexer: SteppedTextIndexer;

function targetOf(accountId: string): TextIndexTarget {
  const { database, messages, textIndex } = present(mailboxLayout(harness.root, accountId));
  return {
    databasePath: database,
    messagesPath: messages,
    textPath: textIndex,
    mailbox: `${accountId} 1`,
    lastMessageId: 1,
  };
}

beforeEach(async () => {
  harness = await openSqliteHarness();
  indexer = new SteppedTextIndexer();
  for (const accountId of ['FIRST', 'SECOND', 'THIRD']) {
    const mailbox = await openMailbox(harness.store, accountId);
    await append(mailbox, makeMessage(accountId));
    mailbox.close();
  }
  await harness.restart();
});

afterEach(async () => {
  await indexer.close();
  await harness.dispose();
});

it('answers a forgotten mailbox that stands in line at once, and goes on with the others', async () => {
  const order: string[] = [];
  const catchUp = async (accountId: string): Promise<boolean> => {
    const progress = await indexer.catchUp(targetOf(accountId));
    order.push(accountId);
    return progress.isMoreLeft;
  };
  const first = catchUp('FIRST');
  const second = catchUp('SECOND');
  const third = catchUp('THIRD');
  await indexer.forget(targetOf('SECOND').databasePath);
  expect(await Promise.all([first, second, third])).toEqual([false, true, false]);
  expect(order).toEqual(['SECOND', 'FIRST', 'THIRD']);
});
