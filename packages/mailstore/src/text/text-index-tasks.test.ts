/** Which damage makes an index of texts begin anew, and which is none of it. */
import { closeSync, openSync, statSync, writeSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mailboxLayout, type MailboxLayout } from '../mailbox-layout.ts';
import { append, makeMessage, openMailbox, present } from '../testing/mail-steps.ts';
import { openSqliteHarness, type SqliteHarness } from '../testing/sqlite-harness.ts';
import { TextIndexTasks } from './text-index-tasks.ts';
import type { TextIndexTarget } from './text-indexer.ts';

const PAGE_BYTES = 4096;
let harness: SqliteHarness;
let tasks: TextIndexTasks;

const layout = (): MailboxLayout => present(mailboxLayout(harness.root, 'ACCOUNT1'));

function targetUpTo(lastMessageId: number): TextIndexTarget {
  return {
    databasePath: layout().database,
    messagesPath: layout().messages,
    textPath: layout().textIndex,
    mailbox: 'ACCOUNT1 1',
    lastMessageId,
  };
}

function catchUp(lastMessageId: number): void {
  for (const _ of tasks.catchUp(targetUpTo(lastMessageId))) continue;
}

/** From the page of that number on. */
function damage(path: string, page: number): void {
  const pageCount = Math.floor(statSync(path).size / PAGE_BYTES);
  const descriptor = openSync(path, 'r+');
  for (let at = page; at < pageCount; at += 1) {
    writeSync(descriptor, Buffer.alloc(PAGE_BYTES, 0x5a), 0, PAGE_BYTES, at * PAGE_BYTES);
  }
  closeSync(descriptor);
}

beforeEach(async () => {
  harness = await openSqliteHarness();
  tasks = new TextIndexTasks();
  const mailbox = await openMailbox(harness.store);
  for (let at = 0; at < 60; at += 1) await append(mailbox, makeMessage(`m${at}`, 6000));
  mailbox.close();
  await harness.restart();
});

afterEach(async () => {
  tasks.close();
  await harness.dispose();
});

describe('TextIndexTasks', () => {
  it('keeps its index if the mailbox itself is damaged', () => {
    catchUp(5);
    const { ino } = statSync(layout().textIndex);
    tasks.close();
    damage(layout().database, 80);
    expect(() => catchUp(60)).toThrow(/malformed/);
    expect(statSync(layout().textIndex).ino).toBe(ino);
    const found = tasks.findCandidates(targetUpTo(60), { scope: 'subject', text: 'M3' });
    expect(found.watermark).toBe(5);
  });

  it('makes its index anew if that is damaged', () => {
    catchUp(5);
    tasks.close();
    // The pages that are met at opening stay.
    damage(layout().textIndex, 4);
    let failureCount = 0;
    for (let round = 0; round < 3; round += 1) {
      try {
        catchUp(60);
      } catch {
        failureCount += 1;
      }
    }
    expect(failureCount).toBeLessThan(2);
    const found = tasks.findCandidates(targetUpTo(60), { scope: 'subject', text: 'M3' });
    expect(found.watermark).toBe(60);
  });
});
