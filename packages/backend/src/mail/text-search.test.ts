/**
 * SEARCH through the index of texts finds exactly what it finds without: over real sessions, the
 * real store and its thread, in mail that looks like real life.
 */
import { createImapSession, createKeptTexts } from '@homeward/imap/session';
import {
  DEFAULT_STORE_LIMITS,
  type Folder,
  type Mailbox,
  type MailStore,
  openMailStore,
  type Outcome,
} from '@homeward/mailstore';
import { listTextRanges, readHeaderField, scanMessage, textOfPart } from '@homeward/mime';
import { sampleMailbox } from '@homeward/samples';
import {
  createMemoryStreamPair,
  createSeededRandom,
  createTempFolder,
  FakeClock,
} from '@homeward/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ImapMailbox } from './imap-mailbox.ts';
import type { AccessLists } from './shared/access-lists.ts';
import { createMessageDescriber } from './message-description.ts';

const clock = new FakeClock();
const random = createSeededRandom(17);
const sample = sampleMailbox({
  ownerAddress: 'anna@example.test',
  ownerName: 'Anna',
  seed: 4,
  nowMs: clock.nowMs(),
});
const messages = sample.folders.flatMap((folder) => folder.messages.map(({ octets }) => octets));

let store: MailStore;
let mailbox: Mailbox;
let folder: Folder;
let removeVolume: () => Promise<void>;

beforeAll(async () => {
  const volume = await createTempFolder('text-search');
  removeVolume = volume.remove;
  store = openMailStore({
    root: volume.join('volume'),
    describe: createMessageDescriber,
    clock,
    limits: DEFAULT_STORE_LIMITS,
    defaultFolders: [],
    report: ({ name }) => {
      if (name.startsWith('mailbox.text')) throw new Error(name);
    },
  });
  mailbox = valueOf(await store.openMailbox('ANNA', { epoch: 1, create: true }));
  folder = valueOf(await mailbox.openFolder('INBOX', true));
  const sink = valueOf(await mailbox.startAppend('INBOX'));
  for (const octets of messages) {
    const { length } = octets;
    valueOf(await sink.startMessage({ flags: [], internalDate: undefined, sizeBytes: length }));
    await sink.write(octets);
    valueOf(await sink.endMessage());
  }
  valueOf(await sink.commit());
});

afterAll(async () => {
  folder.close();
  mailbox.close();
  await store.close();
  await removeVolume();
});

function valueOf<Value>(outcome: Outcome<Value, string>): Value {
  if (!outcome.ok) throw new Error(outcome.reason);
  return outcome.value;
}

const pick = <Item>(items: readonly Item[]): Item =>
  items[Math.floor(random() * items.length)] as Item;

/** A few characters of some message's text, in a literal. */
function someText(): string {
  const octets = pick(messages);
  const texts = listTextRanges(scanMessage(octets).root).map((range) => {
    const part = octets.subarray(range.start, range.end);
    return range.kind === 'body'
      ? textOfPart(range.part, part)
      : Buffer.from(part).toString('latin1');
  });
  const text = pick(texts.filter((one) => one.length > 0));
  const start = Math.floor(random() * text.length);
  const sought = Buffer.from(
    text.slice(start, start + 1 + Math.floor(random() * 9)).replaceAll('\0', ' '),
  );
  return `{${sought.length}+}\r\n${sought.toString('latin1')}`;
}

function someKey(): string {
  const subject = readHeaderField(pick(messages), 'subject') ?? 'hello';
  const word = JSON.stringify(pick(subject.replaceAll(/[^a-z ]/gi, ' ').split(' ')));
  return pick([
    () => `BODY ${someText()}`,
    () => `BODY ${someText()}`,
    () => `TEXT ${someText()}`,
    () => `SUBJECT ${word}`,
    () => `FROM ${someText()}`,
    () => `HEADER Received ${someText()}`,
    () => `NOT BODY ${someText()}`,
    () => `OR BODY ${someText()} SUBJECT ${word}`,
    () => `TEXT ${word} NOT TO ${someText()}`,
  ])();
}

/** Runs all searches in one session. @returns The numbers found by each. */
async function searchAll(keys: readonly string[]): Promise<readonly string[]> {
  const { client, server } = createMemoryStreamPair();
  const session = createImapSession({
    stream: server,
    mailbox: new ImapMailbox(mailbox, {
      onAppended: () => undefined,
      // No command of this test asks for them.
      accessLists: {} as AccessLists,
      elsewhere: undefined,
    }),
    limits: { commandBytes: 10_000, messageBytes: 1_000_000 },
    early: Buffer.from(''),
    options: {
      capabilities: 'IMAP4rev1',
      serverId: new Map(),
      farewell: 'Goodbye',
      maxBadCommands: 1,
      keptTexts: createKeptTexts(1_000_000),
      nowMs: () => clock.nowMs(),
      breathe: () => Promise.resolve(),
      remindRegularly: () => () => undefined,
      observe: () => undefined,
    },
  });
  const ended = session.run().finally(() => server.end());
  const searches = keys.map((key, at) => `s${at} SEARCH CHARSET UTF-8 ${key}\r\n`);
  void client.write(`a EXAMINE INBOX\r\n${searches.join('')}z LOGOUT\r\n`);
  let text = '';
  for (let octets = await client.read(); typeof octets !== 'string'; octets = await client.read()) {
    text += Buffer.from(octets).toString('latin1');
  }
  await ended;
  expect(text.match(/^s\d+ OK/gm)).toHaveLength(keys.length);
  return [...text.matchAll(/^\* SEARCH([ \d]*)\r$/gm)].map(([, numbers = '']) => numbers.trim());
}

async function narrow(text: string): Promise<number | undefined> {
  const [found] = await folder.findTextCandidates([{ scope: 'text', text }]);
  return found?.size;
}

describe('SEARCH', () => {
  it('finds the same before and after messages are indexed', async () => {
    const keys = Array.from({ length: 250 }, someKey);
    expect(await narrow('NOBODY WROTE THIS')).toBeUndefined();
    const before = await searchAll(keys);
    await expect
      .poll(
        async () => {
          clock.advance(1000);
          return await narrow('NOBODY WROTE THIS');
        },
        { timeout: 20_000 },
      )
      .toBe(0);
    expect(await searchAll(keys)).toEqual(before);
    const counts = before.map((numbers) => (numbers === '' ? 0 : numbers.split(' ').length));
    expect(
      counts.filter((count) => count > 0 && count < messages.length / 2).length,
    ).toBeGreaterThan(50);
  });
});
