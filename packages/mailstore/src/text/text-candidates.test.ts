/** Searches narrowed by the index of texts, through the store: never less than all matches. */
import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createSeededRandom } from '@homeward/testkit';
import { TextIndexFile, type TextScope } from '@homeward/text-index';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Database, nodeStoreFiles, type StoreFiles } from '@homeward/durable-store';
import type { Folder, Mailbox } from '../api.ts';
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
  readMessage,
  reasonOf,
  tryAppend,
  tryAppendAll,
  valueOf,
} from '../testing/mail-steps.ts';
import { openSqliteHarness, type SqliteHarness } from '../testing/sqlite-harness.ts';
import { SteppedTextIndexer } from './stepped-text-indexer.ts';

let harness: SqliteHarness;
let mailbox: Mailbox;
let inbox: Folder;

const message = (text: string): Buffer => Buffer.from(`Subject: letter\r\n\r\n${text}\r\n`);
const layout = (): MailboxLayout => present(mailboxLayout(harness.root, 'ACCOUNT1'));
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** @returns Candidates, ascending; undefined if all messages are. */
async function find(folder: Folder, text: string, scope: TextScope = 'body') {
  const [uids] = await folder.findTextCandidates([{ scope, text }]);
  return uids && [...uids].sort((a, b) => a - b);
}

/** Lets time pass until nothing waits to be indexed: what nobody wrote has no candidate. */
async function index(folder: Folder): Promise<void> {
  for (;;) {
    harness.clock.advance(500);
    await nextTurn();
    if ((await find(folder, 'NOBODYWROTETHIS'))?.length === 0) return;
  }
}

async function open(options: Parameters<typeof openSqliteHarness>[0] = {}): Promise<void> {
  harness = await openSqliteHarness({
    maintenance: createInlineMaintenance(),
    textIndexer: new SteppedTextIndexer(),
    ...options,
  });
  mailbox = await openMailbox(harness.store);
  inbox = await openFolder(mailbox);
}

async function restart(between: () => void = () => undefined): Promise<void> {
  mailbox.close();
  await harness.store.close();
  between();
  await harness.restart();
  mailbox = await openMailbox(harness.store);
  inbox = await openFolder(mailbox);
}

afterEach(() => harness.dispose());

describe('MailboxTexts', () => {
  it('takes in nothing that a failed sync takes back: its id goes to another message', async () => {
    let failSync: (() => void) | undefined;
    let isHolding = false;
    const openLog: StoreFiles['openLog'] = async (path) => {
      const log = await nodeStoreFiles.openLog(path);
      return {
        readSalts: () => log.readSalts(),
        close: () => log.close(),
        sync: () =>
          isHolding
            ? new Promise((_, reject) => (failSync = () => reject(new Error('EIO'))))
            : log.sync(),
      };
    };
    await open({ files: { ...nodeStoreFiles, openLog } });
    await append(mailbox, message('walnut'));
    await append(mailbox, message('maple'));
    await index(inbox);
    isHolding = true;
    const appending = tryAppend(mailbox, message('hazel'));
    while (failSync === undefined) await nextTurn();
    for (let at = 0; at < 20; at += 1) {
      harness.clock.advance(500);
      await nextTurn();
    }
    expect(await find(inbox, 'HAZEL')).toEqual([]);
    isHolding = false;
    failSync();
    expect(reasonOf(await appending)).toBe('unavailable');
    mailbox = await openMailbox(harness.store);
    inbox = await openFolder(mailbox);
    expect(await append(mailbox, message('birch'))).toBe(3);
    await index(inbox);
    expect(await find(inbox, 'BIRCH')).toEqual([3]);
    expect(await find(inbox, 'HAZEL')).toEqual([]);
  });

  it('waits until no message has come for a moment, but not for ever', async () => {
    await open();
    await append(mailbox, message('walnut'));
    await index(inbox);
    let waitedMs = 0;
    do {
      await append(mailbox, message('walnut'));
      harness.clock.advance(250);
      waitedMs += 250;
      for (let at = 0; at < 10; at += 1) await nextTurn();
    } while ((await find(inbox, 'HAZEL'))?.includes(asUid(2)) === true);
    expect(waitedMs).toBeGreaterThan(29_000);
    expect(waitedMs).toBeLessThan(34_000);
  });
});

describe('findTextCandidates()', () => {
  beforeEach(() => open());

  it('indexes all of an append of many, and large messages from their files', async () => {
    const octets = ['walnut', 'hazel', `${'x '.repeat(200_000)}北京`].map(message);
    valueOf(
      await tryAppendAll(
        mailbox,
        'INBOX',
        octets.map((one) => ({ octets: one })),
      ),
    );
    for (let at = 0; at < 80; at += 1) await append(mailbox, message(`number${at}`));
    await index(inbox);
    expect(await find(inbox, '北京')).toEqual([3]);
    expect(await find(inbox, 'NUMBER77')).toEqual([81]);
  });

  it('makes an index anew that turns out to be damaged while it is used', async () => {
    for (let at = 0; at < 120; at += 1) await append(mailbox, message(`number${at} walnut`));
    await index(inbox);
    await restart(() => {
      const octets = readFileSync(layout().textIndex);
      writeFileSync(layout().textIndex, octets.fill(0xaa, 6 * 4096));
    });
    expect(await find(inbox, 'NUMBER7')).toBeUndefined();
    expect(harness.events.at(-1)).toMatchObject({ name: 'mailbox.text-index-failed' });
    await index(inbox);
    expect(await find(inbox, 'NUMBER77')).toEqual([78]);
  });

  it('does not use an index that is ahead of a mailbox set back', async () => {
    await append(mailbox, message('walnut'));
    const { database, textIndex } = layout();
    await restart(() => copyFileSync(database, `${database}.backup`));
    await append(mailbox, message('hazel'));
    await append(mailbox, message('maple'));
    await index(inbox);
    await restart(() => copyFileSync(`${database}.backup`, database));
    expect(existsSync(textIndex)).toBe(true);
    await append(mailbox, message('birch'));
    expect(await find(inbox, 'BIRCH')).toBeUndefined();
    await index(inbox);
    expect(await find(inbox, 'BIRCH')).toEqual([2]);
    expect(await find(inbox, 'HAZEL')).toEqual([]);
  });

  it('searches everything, and says so once, while the index cannot be had', async () => {
    await append(mailbox, message('walnut'));
    mailbox.close();
    await harness.store.close();
    const other = TextIndexFile.open(layout().textIndex, 'another process', 1);
    await harness.restart();
    mailbox = await openMailbox(harness.store);
    inbox = await openFolder(mailbox);
    for (let round = 0; round < 3; round += 1) {
      expect(await find(inbox, 'HAZEL')).toBeUndefined();
      harness.clock.advance(70_000);
      await nextTurn();
    }
    const faults = harness.events.filter(({ name }) => name === 'mailbox.text-index-failed');
    expect(faults).toEqual([
      {
        name: 'mailbox.text-index-failed',
        accountId: 'ACCOUNT1',
        code: expect.any(String) as string,
      },
    ]);
    other.close();
    await index(inbox);
    expect(await find(inbox, 'HAZEL')).toEqual([]);
  });

  it('has unreadable messages among the candidates of every text, and tells of them', async () => {
    await append(mailbox, message('x '.repeat(200_000)));
    await append(mailbox, message('hazel'));
    await restart(() => {
      const { database, messages } = layout();
      expect(statSync(database).size).toBeGreaterThan(0);
      for (const name of readdirSync(messages)) truncateSync(`${messages}/${name}`, 100);
    });
    expect(await find(inbox, 'BIRCH')).toBeUndefined();
    for (let at = 0; at < 8; at += 1) {
      harness.clock.advance(500);
      await nextTurn();
    }
    expect(await find(inbox, 'BIRCH')).toEqual([1]);
    expect(harness.events.at(-1)).toMatchObject({ name: 'mailbox.text-unreadable', count: 1 });
  });

  it('forgets messages that are gone, once they are many', async () => {
    for (let at = 0; at < 700; at += 1) await append(mailbox, message(`number${at}`));
    await index(inbox);
    const gone = asUids(...Array.from({ length: 600 }, (_, at) => at + 1));
    valueOf(await inbox.changeFlags(gone, { kind: 'add', flags: ['\\Deleted'] }));
    valueOf(await inbox.expunge(undefined));
    await restart();
    await append(mailbox, message('walnut'));
    await index(inbox);
    expect(await find(inbox, 'NUMBER66')).toEqual(Array.from({ length: 10 }, (_, at) => 661 + at));
    // It goes on behind the search, a little in each turn.
    for (let at = 0; at < 100; at += 1) await nextTurn();
    await restart(() => {
      const database = new Database(layout().textIndex);
      expect(database.statement('SELECT count(*) FROM gram_docsize').row()).toEqual([101]);
      database.close();
    });
  });

  it('never misses a match, whatever was done to the mailbox', async () => {
    const random = createSeededRandom(21);
    const words = ['walnut', 'hazel', 'maple', 'birch', '北京', 'straße'];
    const sent = await openFolder(mailbox, 'Sent');
    const pick = <Item>(items: readonly Item[]): Item =>
      present(items[Math.floor(random() * items.length)]);
    for (let step = 0; step < 150; step += 1) {
      const folder = pick([inbox, sent]);
      const uids = listUids(folder);
      const dice = random();
      if (dice < 0.5 || uids.length === 0) {
        await append(mailbox, message(`${pick(words)} and ${pick(words)}`), { path: folder.path });
      } else if (dice < 0.6)
        valueOf(await folder.copy(asUids(pick(uids)), pick(['INBOX', 'Sent'])));
      else if (dice < 0.7) valueOf(await folder.move(asUids(pick(uids)), pick(['INBOX', 'Sent'])));
      else if (dice < 0.8) {
        valueOf(
          await folder.changeFlags(asUids(pick(uids)), { kind: 'add', flags: ['\\Deleted'] }),
        );
        valueOf(await folder.expunge(undefined));
      } else {
        harness.clock.advance(500);
        await nextTurn();
      }
      const word = pick(words);
      const [found] = await folder.findTextCandidates([
        { scope: 'body', text: word.toUpperCase() },
      ]);
      for (const uid of asUids(...listUids(folder))) {
        const octets = Buffer.from(await readMessage(folder, uid)).toString();
        if (octets.includes(word)) expect(found?.has(uid) ?? true).toBe(true);
      }
    }
  });
});
