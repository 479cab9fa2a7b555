/**
 * What every mail store must do, whatever it is made of: the rules of `api.ts` as tests. A
 * store joins by giving a harness; it opens on the same data again after `restart`.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type {
  FactName,
  Mailbox,
  MailboxEvent,
  MailStore,
  ModSeq,
  Outcome,
  StoreLimits,
} from '../api.ts';
import {
  append,
  asUid,
  asUids,
  flagsOf,
  listUids,
  makeMessage,
  openFolder,
  openMailbox,
  present,
  readContent,
  readMessage,
  reasonOf,
  reasonsOf,
  tryAppend,
  tryAppendAll,
  type TestMessage,
  valueOf,
} from './mail-steps.ts';
import { describePlainly, KEPT_HEADER_BYTES } from './plain-describer.ts';

/** A store under test. New mailboxes get "Sent" (\Sent, subscribed) beside INBOX. */
export interface StoreHarness {
  readonly store: MailStore;
  /** Closes the store in good order and opens another on the same data. */
  restart(): Promise<void>;
  /** The store's time. */
  readonly clock: { nowMs(): number; advance(ms: number): void };
  /** Bounds for the following calls. */
  setLimits(limits: Partial<StoreLimits>): void;
  dispose(): Promise<void>;
}

const ALL_FACTS: ReadonlySet<FactName> = new Set([
  'envelope',
  'body',
  'body-structure',
  'header',
  'shape',
  'octets',
  'email-id',
  'save-date',
  'preview',
  'sort-facts',
]);
const LARGE_BYTES = 400_000;

export function describeMailStore(name: string, open: () => Promise<StoreHarness>): void {
  let harness: StoreHarness;
  let mailbox: Mailbox;

  beforeEach(async () => {
    harness = await open();
    mailbox = await openMailbox(harness.store);
  });

  afterEach(async () => {
    await harness.dispose();
  });

  const restart = async (): Promise<void> => {
    mailbox.close();
    await harness.restart();
    mailbox = await openMailbox(harness.store);
  };

  const paths = async (): Promise<string[]> =>
    (await mailbox.listFolders()).map(({ path }) => path).toSorted();

  describe(`${name}: mailboxes`, () => {
    it('a new mailbox has INBOX and the default folders', async () => {
      expect(await mailbox.listFolders()).toEqual([
        {
          path: 'INBOX',
          isSelectable: true,
          hasChildren: false,
          isSubscribed: true,
          specialUse: undefined,
        },
        {
          path: 'Sent',
          isSelectable: true,
          hasChildren: false,
          isSubscribed: true,
          specialUse: '\\Sent',
        },
      ]);
    });

    it('a mailbox that is not there is not made unless asked for', async () => {
      const options = { epoch: 1, create: false };
      expect(reasonOf(await harness.store.openMailbox('ACCOUNT2', options))).toBe('nonexistent');
      const both = await Promise.all([
        harness.store.openMailbox('ACCOUNT2', options),
        harness.store.openMailbox('ACCOUNT2', { epoch: 1, create: true }),
      ]);
      expect(both.map((outcome) => outcome.ok)).toEqual([false, true]);
    });

    it.each(['', '..', '../x', 'a/b', '.x', 'x'.repeat(129)])(
      'an account id that could leave its folder is refused: %j',
      async (accountId) => {
        const opened = await harness.store.openMailbox(accountId, { epoch: 1, create: true });
        expect(reasonOf(opened)).toBe('nonexistent');
      },
    );

    it('a lower epoch is stale, a higher one is ahead until it is adopted', async () => {
      const { store } = harness;
      expect(reasonOf(await store.openMailbox('ACCOUNT1', { epoch: 0, create: true }))).toBe(
        'stale-epoch',
      );
      expect(reasonOf(await store.openMailbox('ACCOUNT1', { epoch: 3, create: true }))).toBe(
        'epoch-ahead',
      );
      expect((await store.adoptEpoch('ACCOUNT1', 3)).ok).toBe(true);
      expect(reasonOf(await store.adoptEpoch('ACCOUNT1', 2))).toBe('stale-epoch');
      expect(mailbox.epoch).toBe(3);
      mailbox.close();
      await harness.restart();
      const reopened = await harness.store.openMailbox('ACCOUNT1', { epoch: 3, create: false });
      expect(valueOf(reopened).epoch).toBe(3);
    });

    it('users of one mailbox see one state', async () => {
      const other = await openMailbox(harness.store);
      await append(mailbox, makeMessage('a'));
      mailbox.close();
      expect(valueOf(await other.statusOf('INBOX')).messageCount).toBe(1);
      expect(other.usage.messageCount).toBe(1);
    });
  });

  describe(`${name}: messages`, () => {
    it.each([
      ['small', 5000],
      ['large', LARGE_BYTES],
      ['empty', -1],
    ] as const)(
      'a %s message comes back octet for octet, with its facts, also after a restart',
      async (_, bodyBytes) => {
        const octets = bodyBytes === -1 ? Buffer.alloc(0) : makeMessage('a', bodyBytes);
        const internalDate = { epochMs: 1_700_000_000_000, zoneMinutes: -90 };
        const uid = await append(mailbox, octets, { internalDate, flags: ['\\Seen', '$Work'] });
        for (let round = 0; round < 2; round += 1) {
          const folder = await openFolder(mailbox);
          expect(await readMessage(folder, uid)).toEqual(octets);
          expect(folder.index.sizeBytesAt(0)).toBe(octets.length);
          expect(folder.index.internalDateAt(0)).toEqual(internalDate);
          expect(flagsOf(folder, uid)).toEqual(['\\Seen', '$Work']);
          const [facts] = await folder.readFacts([uid], ALL_FACTS);
          const expected = describePlainly(octets);
          expect(Buffer.from(facts?.envelope ?? '')).toEqual(expected.envelope);
          expect(Buffer.from(facts?.body ?? '')).toEqual(expected.body);
          expect(Buffer.from(facts?.bodyStructure ?? '')).toEqual(expected.bodyStructure);
          expect(Buffer.from(facts?.shape ?? '')).toEqual(expected.shape);
          expect(Buffer.from(facts?.header ?? '')).toEqual(expected.header);
          expect(Buffer.from(facts?.octets ?? octets)).toEqual(octets);
          expect(facts?.emailId).toMatch(/^M[A-Za-z0-9_-]{27}$/);
          expect(Buffer.from(facts?.preview ?? '')).toEqual(expected.preview);
          expect(facts?.sortFacts && Buffer.from(facts.sortFacts)).toEqual(expected.sortFacts);
          expect(facts?.saveDateMs).toBe(harness.clock.nowMs());
          await restart();
        }
      },
    );

    it('a header too long to keep, and facts not asked for, are undefined', async () => {
      const uid = await append(mailbox, Buffer.from(`X: ${'y'.repeat(KEPT_HEADER_BYTES)}\r\n\r\n`));
      const folder = await openFolder(mailbox);
      const [facts] = await folder.readFacts([uid], new Set(['header', 'envelope'] as const));
      expect(facts?.header).toBeUndefined();
      expect(facts?.shape).toBeUndefined();
      expect(facts?.octets).toBeUndefined();
      expect(facts?.preview).toBeUndefined();
      expect(facts?.saveDateMs).toBeUndefined();
    });

    it('facts come in the order asked for, without those that are gone', async () => {
      for (const word of ['a', 'bb', 'ccc']) await append(mailbox, makeMessage(word));
      const folder = await openFolder(mailbox);
      await folder.changeFlags(asUids(2), { kind: 'add', flags: ['\\Deleted'] });
      await folder.expunge(undefined);
      const facts = await folder.readFacts(asUids(3, 9, 2, 1), new Set(['envelope'] as const));
      expect(facts.map(({ uid }) => uid)).toEqual([3, 1]);
    });

    it('equal octets have equal email ids', async () => {
      const same = makeMessage('same');
      for (const octets of [same, makeMessage('other'), same]) await append(mailbox, octets);
      const folder = await openFolder(mailbox);
      const facts = await folder.readFacts(asUids(1, 2, 3), new Set(['email-id'] as const));
      expect(facts[0]?.emailId).toBe(facts[2]?.emailId);
      expect(facts[0]?.emailId).not.toBe(facts[1]?.emailId);
    });

    it('a message that is open outlives its expunge, small or large', async () => {
      for (const bodyBytes of [100, LARGE_BYTES]) {
        const octets = makeMessage('kept', bodyBytes);
        const uid = await append(mailbox, octets, { flags: ['\\Deleted'] });
        const folder = await openFolder(mailbox);
        const content = await folder.openMessage(uid);
        expect(valueOf(await folder.expunge([uid]))).toEqual([uid]);
        expect(await folder.openMessage(uid)).toBeUndefined();
        expect(await readContent(present(content))).toEqual(octets);
      }
    });

    it.each([
      ['nonexistent', { path: 'Nowhere' }],
      ['too-big', { sizeBytes: 3_000_000 }],
      ['over-quota', { sizeBytes: 1_500_000 }],
      ['not-permitted', { flags: ['\\Unknown'] }],
      ['not-permitted', { flags: ['two words'] }],
      ['not-permitted', { flags: ['x'.repeat(256)] }],
      ['too-many', { flags: Array.from({ length: 101 }, (_, at) => `k${at}`) }],
    ] as const)('an append is refused before any octet: %s', async (reason, request) => {
      harness.setLimits({ messageBytes: 2_000_000, mailboxBytes: 1_000_000 });
      const refused = await tryAppend(mailbox, makeMessage('a'), request);
      expect(reasonOf(refused)).toBe(reason);
      expect(mailbox.usage).toEqual({ messageCount: 0, totalBytes: 0 });
    });

    it('appends that run side by side keep within the quota', async () => {
      harness.setLimits({ mailboxBytes: 2500 });
      const octets = Buffer.alloc(1000, 65);
      const outcomes = await Promise.all([1, 2, 3, 4].map(() => tryAppend(mailbox, octets)));
      expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(2);
      expect(mailbox.usage).toEqual({ messageCount: 2, totalBytes: 2000 });
    });

    it.each([
      ['known', 100],
      ['known', LARGE_BYTES],
      ['unknown', 100],
      ['unknown', LARGE_BYTES],
    ] as const)(
      'an aborted append, of %s size, of %d octets leaves nothing',
      async (kind, size) => {
        const sizeBytes = kind === 'known' ? size + 1 : undefined;
        const sink = valueOf(await mailbox.startAppend('INBOX'));
        await sink.startMessage({ flags: [], internalDate: undefined, sizeBytes });
        await sink.write(Buffer.alloc(size));
        await sink.abort();
        await sink.write(Buffer.alloc(size));
        await sink.abort();
        expect(mailbox.usage.messageCount).toBe(0);
        expect(await append(mailbox, makeMessage('a'))).toBe(1);
      },
    );

    it('octets that do not match the announced size are a bug of the caller', async () => {
      const message = { flags: [], internalDate: undefined, sizeBytes: 3 };
      const long = valueOf(await mailbox.startAppend('INBOX'));
      await long.startMessage(message);
      expect(() => long.write(Buffer.alloc(4))).toThrow(RangeError);
      await long.abort();
      const short = valueOf(await mailbox.startAppend('INBOX'));
      await short.startMessage(message);
      await short.write(Buffer.alloc(2));
      expect(() => short.endMessage()).toThrow(RangeError);
      await short.abort();
    });

    it.each([1, 5000, LARGE_BYTES])(
      'a message whose size is not known ahead is stored: %d octets',
      async (bodyBytes) => {
        const octets = makeMessage('grows', bodyBytes);
        const uid = await append(mailbox, octets, { sizeBytes: undefined });
        await restart();
        const folder = await openFolder(mailbox);
        expect(await readMessage(folder, uid)).toEqual(octets);
        expect(mailbox.usage.totalBytes).toBe(octets.length);
      },
    );

    it.each([
      ['too-big', { messageBytes: 1000 }],
      ['over-quota', { mailboxBytes: 1000 }],
    ] as const)(
      'of a size not known ahead, it is refused at its end: %s',
      async (reason, limits) => {
        harness.setLimits(limits);
        for (const octets of [Buffer.alloc(1001), Buffer.alloc(LARGE_BYTES)]) {
          const refused = await tryAppend(mailbox, octets, { sizeBytes: undefined });
          expect(reasonOf(refused)).toBe(reason);
        }
        expect((await tryAppend(mailbox, Buffer.alloc(1000), { sizeBytes: undefined })).ok).toBe(
          true,
        );
      },
    );

    it('many appends at once get one UID each, in the order of their commits', async () => {
      const all = Array.from({ length: 50 }, (_, at) => append(mailbox, makeMessage(`m${at}`)));
      const uids = await Promise.all(all);
      expect(uids).toEqual(Array.from({ length: 50 }, (_, at) => at + 1));
      const folder = await openFolder(mailbox);
      expect(await readMessage(folder, asUid(37))).toEqual(makeMessage('m36'));
    });
  });

  describe(`${name}: appends of several messages`, () => {
    const messages = (count: number, bodyBytes: number): TestMessage[] =>
      Array.from({ length: count }, (_, at) => ({
        octets: makeMessage(`m${at}`, bodyBytes),
        flags: at % 2 === 0 ? ['\\Seen'] : [`$k${at % 7}`],
        internalDate: { epochMs: at, zoneMinutes: 60 },
      }));

    it.each([
      [3, 100],
      [3, LARGE_BYTES],
      [300, 9000],
      [500, 10],
    ])('stores %d messages of %d octets, in order', async (count, bodyBytes) => {
      const all = messages(count, bodyBytes);
      const { uids, uidValidity } = valueOf(await tryAppendAll(mailbox, 'Sent', all));
      expect(uids).toEqual(all.map((_, at) => at + 1));
      await restart();
      const folder = await openFolder(mailbox, 'Sent');
      expect(folder.uidValidity).toBe(uidValidity);
      for (const at of [0, 1, count - 1]) {
        const uid = asUid(at + 1);
        expect(await readMessage(folder, uid)).toEqual(all[at]?.octets);
        expect(flagsOf(folder, uid)).toEqual(all[at]?.flags);
        expect(folder.index.internalDateAt(at)).toEqual(all[at]?.internalDate);
      }
      const [facts] = await folder.readFacts(asUids(count), ALL_FACTS);
      expect(Buffer.from(facts?.envelope ?? '')).toEqual(
        describePlainly(all.at(-1)?.octets ?? Buffer.alloc(0)).envelope,
      );
    });

    it('shows them all at once', async () => {
      const folder = await openFolder(mailbox);
      const seen = new Set<number>();
      folder.subscribe(() => seen.add(folder.index.uids.length));
      await Promise.all([
        tryAppendAll(mailbox, 'INBOX', messages(200, 9000)),
        tryAppendAll(mailbox, 'INBOX', messages(150, 9000)),
      ]);
      expect([...seen].filter((count) => ![0, 150, 200, 350].includes(count))).toEqual([]);
      expect(listUids(folder)).toHaveLength(350);
    });

    it.each([
      ['too-big', 2, { messageBytes: 5000 }],
      ['over-quota', 2, { mailboxBytes: 1_000_000 }],
      ['over-quota', 200, { mailboxMessageCount: 200 }],
      ['too-many', 200, { appendMessageCount: 200 }],
      ['too-many', 200, { flagsPerMessage: 2 }],
    ] as const)('stores none if one is refused: %s', async (reason, at, limits) => {
      const all = messages(250, 3000);
      all[at] = {
        octets: makeMessage('wrong', reason === 'over-quota' && at === 2 ? 1_000_000 : 5001),
        flags: ['$a', '$b', '$c'],
      };
      harness.setLimits(limits);
      expect(reasonOf(await tryAppendAll(mailbox, 'INBOX', all))).toBe(reason);
      expect(mailbox.usage).toEqual({ messageCount: 0, totalBytes: 0 });
      await restart();
      expect(valueOf(await mailbox.statusOf('INBOX'))).toMatchObject({
        messageCount: 0,
        uidNext: 1,
      });
    });

    it('stores none if the folder goes meanwhile, or the caller gives up', async () => {
      valueOf(await mailbox.createFolder('Doomed', true));
      const sinks = [
        valueOf(await mailbox.startAppend('Doomed')),
        valueOf(await mailbox.startAppend('Doomed')),
      ];
      for (const sink of sinks) {
        for (const { octets } of messages(200, 9000)) {
          const sizeBytes = octets.length;
          valueOf(await sink.startMessage({ flags: [], internalDate: undefined, sizeBytes }));
          await sink.write(octets);
          valueOf(await sink.endMessage());
        }
      }
      await present(sinks[0]).abort();
      valueOf(await mailbox.deleteFolder('Doomed'));
      expect(reasonOf(await present(sinks[1]).commit())).toBe('nonexistent');
      expect(mailbox.usage).toEqual({ messageCount: 0, totalBytes: 0 });
    });

    it('refuses at the end as well, once it has refused', async () => {
      const sink = valueOf(await mailbox.startAppend('INBOX'));
      const message = { flags: ['\\Bad'], internalDate: undefined, sizeBytes: 1 };
      expect(reasonOf(await sink.startMessage(message))).toBe('not-permitted');
      expect(reasonOf(await sink.startMessage({ ...message, flags: [] }))).toBe('not-permitted');
      expect(reasonOf(await sink.commit())).toBe('not-permitted');
    });
  });

  describe(`${name}: replacing a message`, () => {
    it('takes the old one away with the same publication, in any folder', async () => {
      for (const path of ['INBOX', 'Sent']) {
        const folder = await openFolder(mailbox);
        const uid = await append(mailbox, makeMessage('draft'));
        const seen = new Set<string>();
        folder.subscribe(() => seen.add(listUids(folder).join()));
        const mark = folder.index.highestModSeq;
        const replacing = { folder, uid };
        const added = await append(mailbox, makeMessage('final'), { path, replacing });
        expect([...seen]).toEqual(['2']);
        expect(await folder.expungedSince(mark)).toEqual([uid]);
        expect(await readMessage(await openFolder(mailbox, path), added)).toEqual(
          makeMessage('final'),
        );
        folder.close();
      }
      expect(mailbox.usage.messageCount).toBe(2);
    });

    it('counts only what is added for the quota', async () => {
      const uid = await append(mailbox, Buffer.alloc(900));
      harness.setLimits({ mailboxBytes: 1000, mailboxMessageCount: 1 });
      const folder = await openFolder(mailbox);
      const refused = await tryAppend(mailbox, Buffer.alloc(1001), { replacing: { folder, uid } });
      expect(reasonOf(refused)).toBe('over-quota');
      expect(reasonOf(await tryAppend(mailbox, Buffer.alloc(100)))).toBe('over-quota');
      const added = await append(mailbox, Buffer.alloc(1000), { replacing: { folder, uid } });
      expect(listUids(folder)).toEqual([added]);
    });

    it('refuses, and adds nothing, if the old one is gone or is not to be changed', async () => {
      const uid = await append(mailbox, makeMessage('a'));
      const folder = await openFolder(mailbox);
      const reader = await openFolder(mailbox, 'INBOX', true);
      const other = await openMailbox(harness.store, 'ACCOUNT2');
      await append(other, makeMessage('b'));
      const foreign = await openFolder(other);
      const outcomes = [
        await tryAppend(mailbox, makeMessage('n'), { replacing: { folder, uid: asUid(99) } }),
        await tryAppend(mailbox, makeMessage('n'), { replacing: { folder: reader, uid } }),
        await tryAppend(mailbox, makeMessage('n'), { replacing: { folder: foreign, uid } }),
      ];
      expect(reasonsOf(outcomes)).toEqual(['expunged', 'not-permitted', 'not-permitted']);
      expect(listUids(folder)).toEqual([uid]);
      other.close();
    });
  });

  describe(`${name}: quota`, () => {
    it('counts messages and octets of all folders exactly, also after a restart', async () => {
      harness.setLimits({ mailboxMessageCount: 50 });
      for (const word of ['a', 'bb'])
        await append(mailbox, makeMessage(word), { flags: ['\\Deleted'] });
      const folder = await openFolder(mailbox);
      await folder.copy(asUids(1, 2), 'Sent');
      await folder.move(asUids(2), 'Sent');
      await folder.expunge(undefined);
      const used = 2 * makeMessage('bb').length + makeMessage('a').length;
      for (let round = 0; round < 2; round += 1) {
        expect(mailbox.readQuota()).toEqual({
          storageBytes: { used, limit: expect.any(Number) },
          messages: { used: 3, limit: 50 },
        });
        await restart();
      }
      harness.setLimits({ mailboxMessageCount: undefined });
      expect(mailbox.readQuota().messages.limit).toBeUndefined();
    });

    it('bounds the number of messages on every way in, but not what moves within', async () => {
      for (const word of ['a', 'b']) await append(mailbox, makeMessage(word));
      harness.setLimits({ mailboxMessageCount: 2 });
      const folder = await openFolder(mailbox);
      expect(reasonOf(await tryAppend(mailbox, makeMessage('c')))).toBe('over-quota');
      expect(reasonOf(await folder.copy(asUids(1), 'Sent'))).toBe('over-quota');
      expect(valueOf(await folder.move(asUids(1), 'Sent')).newUids).toEqual([1]);
      expect((await mailbox.renameFolder('INBOX', 'Old')).ok).toBe(true);
      expect(mailbox.usage.messageCount).toBe(2);
    });
  });

  describe(`${name}: a quota of its own`, () => {
    it('overrides the limits of the store, for all users, while the mailbox is open', async () => {
      const other = await openMailbox(harness.store);
      await append(mailbox, Buffer.alloc(500));
      mailbox.setQuota({ storageBytes: 1000, messages: undefined });
      expect(reasonOf(await tryAppend(other, Buffer.alloc(501)))).toBe('over-quota');
      expect(other.readQuota().storageBytes).toEqual({ used: 500, limit: 1000 });
      mailbox.setQuota({ storageBytes: undefined, messages: 1 });
      expect(reasonOf(await tryAppend(other, Buffer.alloc(1)))).toBe('over-quota');
      // Less than is there: nothing goes, nothing comes.
      mailbox.setQuota({ storageBytes: 1, messages: 1 });
      const folder = await openFolder(mailbox);
      expect(reasonOf(await folder.copy(asUids(1), 'Sent'))).toBe('over-quota');
      expect(valueOf(await folder.move(asUids(1), 'Sent')).newUids).toEqual([1]);
      mailbox.setQuota(undefined);
      expect((await tryAppend(mailbox, Buffer.alloc(5000))).ok).toBe(true);
      other.close();
    });
  });

  describe(`${name}: save dates`, () => {
    const savedAt = async (path: string, ...uids: number[]): Promise<(number | undefined)[]> => {
      const folder = await openFolder(mailbox, path);
      const facts = await folder.readFacts(asUids(...uids), new Set(['save-date'] as const));
      folder.close();
      return facts.map(({ saveDateMs }) => saveDateMs);
    };

    it('tell when a message came into its folder, whatever its date', async () => {
      const start = harness.clock.nowMs();
      await append(mailbox, makeMessage('a'), { internalDate: { epochMs: 5, zoneMinutes: 0 } });
      harness.clock.advance(5000);
      await append(mailbox, makeMessage('b'));
      harness.clock.advance(7000);
      const folder = await openFolder(mailbox);
      await folder.copy(asUids(1), 'Sent');
      harness.clock.advance(9000);
      await folder.move(asUids(2), 'Sent');
      await append(mailbox, makeMessage('c'));
      await restart();
      expect(await savedAt('INBOX', 1, 3)).toEqual([start, start + 21_000]);
      expect(await savedAt('Sent', 1, 2)).toEqual([start + 12_000, start + 21_000]);
    });

    it('stay with those that are left when others are gone and forgotten', async () => {
      harness.setLimits({ expungeHistoryCount: 2 });
      const start = harness.clock.nowMs();
      const folder = await openFolder(mailbox);
      for (let at = 0; at < 20; at += 1) {
        const flags = at % 3 === 0 ? [] : ['\\Deleted'];
        await append(mailbox, makeMessage('a'), { flags });
        harness.clock.advance(2000);
      }
      valueOf(await folder.expunge(undefined));
      await restart();
      await expect
        .poll(async () => (await openFolder(mailbox)).expungedSince(1 as ModSeq))
        .toBeUndefined();
      expect(await savedAt('INBOX', 1, 4, 7, 19)).toEqual([
        start,
        start + 6000,
        start + 12_000,
        start + 36_000,
      ]);
    });
  });

  describe(`${name}: flags`, () => {
    beforeEach(async () => {
      for (const word of ['a', 'b', 'c']) await append(mailbox, makeMessage(word));
    });

    it('changes add, remove and replace; equal sets are one object', async () => {
      const folder = await openFolder(mailbox);
      const change = async (kind: 'add' | 'remove' | 'replace', ...flags: string[]) =>
        valueOf(await folder.changeFlags(asUids(1, 2), { kind, flags }));
      await change('add', '\\seen', '$Later', '\\Recent', '$later');
      expect(flagsOf(folder, asUid(1))).toEqual(['\\Seen', '$Later']);
      await change('remove', '$LATER');
      await change('add', '\\Answered');
      expect(flagsOf(folder, asUid(2))).toEqual(['\\Answered', '\\Seen']);
      await change('replace', '\\Draft', '$laTER');
      expect(folder.index.flagsAt(0).names).toEqual(['\\Draft', '$Later']);
      expect(folder.index.flagsAt(0)).toBe(folder.index.flagsAt(1));
      expect(folder.index.keywords).toEqual(['$Later']);
      expect(folder.index.flagsAt(0).has('$LATER')).toBe(true);
      await change('replace');
      expect(folder.index.keywords).toEqual([]);
    });

    it('tells of messages that are gone, and counts what is unseen', async () => {
      const folder = await openFolder(mailbox);
      const changed = await folder.changeFlags(asUids(1, 7), { kind: 'add', flags: ['\\Seen'] });
      expect(valueOf(changed)).toEqual({ missing: [7], modified: [] });
      expect(valueOf(await mailbox.statusOf('INBOX')).unseenCount).toBe(2);
      await folder.changeFlags(asUids(1), { kind: 'replace', flags: [] });
      expect(valueOf(await mailbox.statusOf('INBOX')).unseenCount).toBe(3);
    });

    it('a change raises the mod-sequence, the same flags again do not', async () => {
      const folder = await openFolder(mailbox);
      const before = folder.index.highestModSeq;
      await folder.changeFlags(asUids(2), { kind: 'add', flags: ['\\Seen'] });
      const after = folder.index.highestModSeq;
      expect(after).toBeGreaterThan(before);
      expect(folder.index.modSeqAt(1)).toBe(after);
      expect(folder.index.modSeqAt(0)).toBeLessThanOrEqual(before);
      expect(folder.hasFlagChangesSince(before)).toBe(true);
      expect(folder.hasFlagChangesSince(after)).toBe(false);
      await folder.changeFlags(asUids(2), { kind: 'add', flags: ['\\Seen'] });
      expect(folder.index.highestModSeq).toBe(after);
    });

    it('a condition spares what has changed since, and tells of it', async () => {
      const folder = await openFolder(mailbox);
      const mark = folder.index.highestModSeq;
      await folder.changeFlags(asUids(2), { kind: 'add', flags: ['\\Flagged'] });
      const change = { kind: 'add', flags: ['\\Seen'] } as const;
      const changed = await folder.changeFlags(asUids(3, 2, 9, 1, 3), change, mark);
      expect(valueOf(changed)).toEqual({ missing: [9], modified: [2] });
      expect(asUids(1, 2, 3).map((uid) => flagsOf(folder, uid))).toEqual([
        ['\\Seen'],
        ['\\Flagged'],
        ['\\Seen'],
      ]);
      const none = await folder.changeFlags(asUids(1, 2, 3), change, 0 as ModSeq);
      expect(valueOf(none).modified).toEqual([1, 2, 3]);
      const all = await folder.changeFlags(asUids(1, 2, 3), change, folder.index.highestModSeq);
      expect(valueOf(all)).toEqual({ missing: [], modified: [] });
      expect(flagsOf(folder, asUid(2))).toEqual(['\\Flagged', '\\Seen']);
    });

    it('counts what is deleted, in messages and octets, whatever happens to it', async () => {
      const size = makeMessage('a').length;
      const folder = await openFolder(mailbox);
      const counts = async (path: string = 'INBOX'): Promise<number[]> => {
        const { deletedCount, deletedBytes } = valueOf(await mailbox.statusOf(path));
        return [deletedCount, deletedBytes];
      };
      await folder.changeFlags(asUids(1, 2), { kind: 'add', flags: ['\\Deleted'] });
      await folder.changeFlags(asUids(2), { kind: 'add', flags: ['\\Deleted', '$x'] });
      expect(await counts()).toEqual([2, 2 * size]);
      await append(mailbox, makeMessage('d'), { flags: ['\\Deleted'] });
      await folder.copy(asUids(1, 3), 'Sent');
      await folder.move(asUids(2, 3), 'Sent');
      expect([await counts(), await counts('Sent')]).toEqual([
        [2, 2 * size],
        [2, 2 * size],
      ]);
      await folder.changeFlags(asUids(1), { kind: 'remove', flags: ['\\Deleted'] });
      await folder.expunge(undefined);
      await restart();
      expect([await counts(), await counts('Sent')]).toEqual([
        [0, 0],
        [2, 2 * size],
      ]);
    });

    it.each([['\\Unknown'], ['a b'], ['a]b'], ['a(b'], ['é'], ['']])(
      'a flag that cannot be one is refused: %j',
      async (flag) => {
        const folder = await openFolder(mailbox);
        const changed = await folder.changeFlags(asUids(1), { kind: 'add', flags: [flag] });
        expect(reasonOf(changed)).toBe('not-permitted');
      },
    );

    it('keywords of a mailbox and flags of a message are bounded', async () => {
      harness.setLimits({ keywordCount: 3, flagsPerMessage: 3 });
      const folder = await openFolder(mailbox);
      const set = async (...flags: string[]) =>
        folder.changeFlags(asUids(1), { kind: 'add', flags });
      expect((await set('k1', 'k2')).ok).toBe(true);
      expect(reasonOf(await set('\\Seen', '\\Draft'))).toBe('too-many');
      expect((await set('k3')).ok).toBe(true);
      expect(reasonOf(await set('k4'))).toBe('too-many');
      expect(flagsOf(folder, asUid(1))).toEqual(['k1', 'k2', 'k3']);
    });

    it('a folder opened read-only refuses changes', async () => {
      const folder = await openFolder(mailbox, 'INBOX', true);
      const outcomes: Outcome<unknown>[] = [
        await folder.changeFlags(asUids(1), { kind: 'add', flags: ['\\Seen'] }),
        await folder.expunge(undefined),
        await folder.move(asUids(1), 'Sent'),
      ];
      expect(reasonsOf(outcomes)).toEqual(Array(3).fill('not-permitted'));
      expect((await folder.copy(asUids(1), 'Sent')).ok).toBe(true);
    });
  });

  describe(`${name}: expunge, copy and move`, () => {
    beforeEach(async () => {
      for (const word of ['a', 'b', 'c', 'd']) {
        await append(mailbox, makeMessage(word), { flags: [`$${word}`] });
      }
    });

    it('expunges only what is \\Deleted, of those named', async () => {
      const folder = await openFolder(mailbox);
      await folder.changeFlags(asUids(1, 2, 4), { kind: 'add', flags: ['\\Deleted'] });
      expect(valueOf(await folder.expunge(asUids(4, 3, 2)))).toEqual([2, 4]);
      expect(listUids(folder)).toEqual([1, 3]);
      expect(valueOf(await folder.expunge(undefined))).toEqual([1]);
      expect(valueOf(await mailbox.statusOf('INBOX')).messageCount).toBe(1);
    });

    it('remembers expunges over restarts', async () => {
      const marks: ModSeq[] = [];
      let folder = await openFolder(mailbox);
      for (const uid of asUids(3, 1)) {
        marks.push(folder.index.highestModSeq);
        await folder.changeFlags([uid], { kind: 'add', flags: ['\\Deleted'] });
        await folder.expunge([uid]);
      }
      for (let round = 0; round < 2; round += 1) {
        expect(await folder.expungedSince(present(marks[0]))).toEqual([1, 3]);
        expect(await folder.expungedSince(present(marks[1]))).toEqual([1]);
        expect(await folder.expungedSince(folder.index.highestModSeq)).toEqual([]);
        expect(await folder.expungedSince(0 as ModSeq)).toEqual([1, 3]);
        await restart();
        folder = await openFolder(mailbox);
      }
    });

    it('forgets old expunges, and knows from where on it remembers all', async () => {
      harness.setLimits({ expungeHistoryCount: 4 });
      let folder = await openFolder(mailbox);
      const marks: ModSeq[] = [];
      for (let uid = 5; uid < 25; uid += 1) {
        await append(mailbox, makeMessage('gone'), { flags: ['\\Deleted'] });
        marks.push(folder.index.highestModSeq);
        valueOf(await folder.expunge(undefined));
      }
      await restart();
      folder = await openFolder(mailbox);
      await expect.poll(() => folder.expungedSince(present(marks[0]))).toBeUndefined();
      expect(await folder.expungedSince(0 as ModSeq)).toBeUndefined();
      expect(await folder.expungedSince(present(marks.at(-4)))).toEqual([21, 22, 23, 24]);
      expect(await folder.expungedSince(folder.index.highestModSeq)).toEqual([]);
    });

    it('a UID list that a holder keeps never changes', async () => {
      const folder = await openFolder(mailbox);
      const kept = folder.index.uids;
      await append(mailbox, makeMessage('e'));
      await folder.changeFlags(asUids(2), { kind: 'add', flags: ['\\Deleted'] });
      await folder.expunge(undefined);
      await append(mailbox, makeMessage('f'));
      expect([...kept.values.subarray(0, kept.length)]).toEqual([1, 2, 3, 4]);
      expect(listUids(folder)).toEqual([1, 3, 4, 5, 6]);
    });

    it('UIDs are never used again, also not after a restart', async () => {
      const folder = await openFolder(mailbox);
      await folder.changeFlags(asUids(3, 4), { kind: 'add', flags: ['\\Deleted'] });
      await folder.expunge(undefined);
      await restart();
      expect(valueOf(await mailbox.statusOf('INBOX')).uidNext).toBe(5);
      expect(await append(mailbox, makeMessage('e'))).toBe(5);
    });

    it('copies share octets, keep flags and dates, and outlive their source', async () => {
      const folder = await openFolder(mailbox);
      const copied = valueOf(await folder.copy(asUids(4, 2, 9, 2), 'Sent'));
      const target = await openFolder(mailbox, 'Sent');
      expect(copied).toEqual({
        uidValidity: target.uidValidity,
        sourceUids: [2, 4],
        newUids: [1, 2],
      });
      await folder.changeFlags(asUids(2), { kind: 'add', flags: ['\\Deleted'] });
      await folder.expunge(undefined);
      await restart();
      const again = await openFolder(mailbox, 'Sent');
      expect(await readMessage(again, asUid(1))).toEqual(makeMessage('b'));
      expect(flagsOf(again, asUid(1))).toEqual(['$b']);
    });

    it('moves leave their source and its history', async () => {
      const folder = await openFolder(mailbox);
      const mark = folder.index.highestModSeq;
      const moved = valueOf(await folder.move(asUids(1, 3, 8), 'Sent'));
      expect([moved.sourceUids, moved.newUids]).toEqual([
        [1, 3],
        [1, 2],
      ]);
      expect(listUids(folder)).toEqual([2, 4]);
      expect(await folder.expungedSince(mark)).toEqual([1, 3]);
      const target = await openFolder(mailbox, 'Sent');
      expect(await readMessage(target, asUid(2))).toEqual(makeMessage('c'));
      expect(mailbox.usage.messageCount).toBe(4);
    });

    it('a copy and a move into the same folder give new UIDs', async () => {
      const folder = await openFolder(mailbox);
      expect(valueOf(await folder.copy(asUids(1), 'inbox')).newUids).toEqual([5]);
      expect(valueOf(await folder.move(asUids(2, 1), 'INBOX')).newUids).toEqual([6, 7]);
      expect(listUids(folder)).toEqual([3, 4, 5, 6, 7]);
      expect(await readMessage(folder, asUid(7))).toEqual(makeMessage('b'));
    });

    it('a copy over the quota copies nothing', async () => {
      const folder = await openFolder(mailbox);
      harness.setLimits({ mailboxBytes: mailbox.usage.totalBytes + makeMessage('a').length });
      expect(reasonOf(await folder.copy(asUids(1, 2), 'Sent'))).toBe('over-quota');
      expect(valueOf(await mailbox.statusOf('Sent')).messageCount).toBe(0);
    });

    it('a copy or move to nowhere is refused', async () => {
      const folder = await openFolder(mailbox);
      expect(reasonOf(await folder.copy(asUids(1), 'Nowhere'))).toBe('nonexistent');
      expect(reasonOf(await folder.move(asUids(1), 'Nowhere'))).toBe('nonexistent');
      expect(listUids(folder)).toEqual([1, 2, 3, 4]);
    });

    it('a copy of many is whole, and others are served meanwhile', async () => {
      const folder = await openFolder(mailbox);
      for (let round = 0; round < 8; round += 1) {
        valueOf(await folder.copy(asUids(...listUids(folder)), 'INBOX'));
      }
      const uids = asUids(...listUids(folder));
      const target = await openFolder(mailbox, 'Sent');
      const seen = new Set<number>();
      target.subscribe(() => seen.add(target.index.uids.length));
      const [copied] = await Promise.all([
        folder.copy(uids, 'Sent'),
        append(mailbox, makeMessage('z')),
      ]);
      expect(valueOf(copied).newUids).toHaveLength(1024);
      expect([...seen]).toEqual([1024]);
      expect(listUids(folder)).toHaveLength(1025);
    });
  });

  describe(`${name}: publication`, () => {
    it('tells every holder after the change is visible, never within a call', async () => {
      const first = await openFolder(mailbox);
      const second = await openFolder(mailbox, 'INBOX', true);
      const told: string[] = [];
      const end = first.subscribe(() => told.push(`first ${first.index.uids.length}`));
      second.subscribe(() => told.push(`second ${second.index.uids.length}`));
      const appended = append(mailbox, makeMessage('a'));
      expect(told).toEqual([]);
      await appended;
      expect(told).toEqual(['first 1', 'second 1']);
      end();
      second.close();
      await append(mailbox, makeMessage('b'));
      expect(told).toHaveLength(2);
    });

    it('what is recent is so for the first to open for writing', async () => {
      await append(mailbox, makeMessage('a'));
      await append(mailbox, makeMessage('b'));
      expect(valueOf(await mailbox.statusOf('INBOX')).recentCount).toBe(2);
      const reader = await openFolder(mailbox, 'INBOX', true);
      const writer = await openFolder(mailbox);
      const later = await openFolder(mailbox);
      expect([reader, writer, later].map((folder) => folder.firstRecentUid)).toEqual([1, 1, 3]);
      await append(mailbox, makeMessage('c'));
      expect(valueOf(await mailbox.statusOf('INBOX')).recentCount).toBe(0);
      for (const folder of [reader, writer, later]) folder.close();
      await append(mailbox, makeMessage('d'));
      expect(valueOf(await mailbox.statusOf('INBOX')).recentCount).toBe(1);
      await restart();
      expect((await openFolder(mailbox)).firstRecentUid).toBe(4);
    });

    it('counts stay right in a folder that nobody has open', async () => {
      const folder = await openFolder(mailbox);
      await append(mailbox, makeMessage('a'), { flags: ['\\Seen'] });
      await append(mailbox, makeMessage('b'));
      await folder.copy(asUids(1, 2), 'Sent');
      const status = valueOf(await mailbox.statusOf('Sent'));
      expect(status).toMatchObject({ messageCount: 2, unseenCount: 1, recentCount: 2, uidNext: 3 });
      expect(status.totalBytes).toBe(makeMessage('a').length + makeMessage('b').length);
    });
  });

  describe(`${name}: folders`, () => {
    it('makes missing parents', async () => {
      const id = valueOf(await mailbox.createFolder('A/B/C', true));
      expect(await paths()).toEqual(['A', 'A/B', 'A/B/C', 'INBOX', 'Sent']);
      expect(valueOf(await mailbox.statusOf('A/B/C')).mailboxId).toBe(id);
      expect(id).toMatch(/^[A-Za-z0-9_-]{1,255}$/);
      expect((await mailbox.listFolders()).filter((f) => f.hasChildren)).toHaveLength(2);
    });

    it('spells the inbox as INBOX, above its children as well', async () => {
      valueOf(await mailbox.createFolder('iNbOx/Lists', true));
      expect(await paths()).toContain('INBOX/Lists');
      expect(valueOf(await mailbox.statusOf('inbox/Lists')).messageCount).toBe(0);
      expect(reasonOf(await mailbox.createFolder('inbox', true))).toBe('already-exists');
      expect((await mailbox.createFolder('Inboxes', true)).ok).toBe(true);
    });

    it.each([
      '',
      '/',
      'a/',
      '/a',
      'a//b',
      'a\u0000b',
      'a\r\nb',
      'a\u0085b',
      'a%',
      'a*b',
      '\uD800',
      'x'.repeat(1001),
      'é'.repeat(501),
      Array(101).fill('d').join('/'),
    ])('a name that is none is refused: %j', async (path) => {
      valueOf(await mailbox.createFolder('From', true));
      expect(reasonOf(await mailbox.createFolder(path, true))).toBe('invalid-name');
      expect(reasonOf(await mailbox.renameFolder('From', path))).toBe('invalid-name');
      expect(reasonOf(await mailbox.setSubscribed(path, true))).toBe('invalid-name');
    });

    it.each(['a b', 'Entwürfe', '日本語/メール', '.', '..', '"\\', '&', 'é'.repeat(500)])(
      'a name that is one is kept: %j',
      async (path) => {
        valueOf(await mailbox.createFolder(path, true));
        await restart();
        expect(await paths()).toContain(path);
      },
    );

    it('the number of folders is bounded', async () => {
      harness.setLimits({ folderCount: 4 });
      expect(reasonOf(await mailbox.createFolder('A/B/C', true))).toBe('too-many');
      expect((await mailbox.createFolder('A/B', true)).ok).toBe(true);
      expect(reasonOf(await mailbox.renameFolder('Sent', 'X/Y'))).toBe('too-many');
      expect(await paths()).toEqual(['A', 'A/B', 'INBOX', 'Sent']);
    });

    it('a folder with children stays as a mere parent, without its messages', async () => {
      valueOf(await mailbox.createFolder('A/B', true));
      const before = valueOf(await mailbox.statusOf('A'));
      await append(mailbox, makeMessage('a'), { path: 'A' });
      valueOf(await mailbox.deleteFolder('A'));
      expect(mailbox.usage.messageCount).toBe(0);
      const parent = (await mailbox.listFolders()).find(({ path }) => path === 'A');
      expect(parent).toMatchObject({ isSelectable: false, hasChildren: true });
      expect(reasonOf(await mailbox.openFolder('A', true))).toBe('nonexistent');
      expect(reasonOf(await mailbox.statusOf('A'))).toBe('nonexistent');
      expect(reasonOf(await tryAppend(mailbox, makeMessage('x'), { path: 'A' }))).toBe(
        'nonexistent',
      );
      expect(reasonOf(await mailbox.deleteFolder('A'))).toBe('has-children');
      valueOf(await mailbox.createFolder('A', true));
      const after = valueOf(await mailbox.statusOf('A'));
      expect(after.uidValidity).toBeGreaterThan(before.uidValidity);
      expect(after).toMatchObject({ messageCount: 0, uidNext: 1 });
      valueOf(await mailbox.deleteFolder('A/B'));
      valueOf(await mailbox.deleteFolder('A'));
      expect(await paths()).toEqual(['INBOX', 'Sent']);
    });

    it('a mere parent can be made, and is none of the selectable', async () => {
      valueOf(await mailbox.createFolder('P', false));
      expect(reasonOf(await mailbox.openFolder('P', true))).toBe('nonexistent');
      expect(reasonOf(await mailbox.createFolder('P', false))).toBe('already-exists');
      expect((await mailbox.createFolder('P', true)).ok).toBe(true);
    });

    it('refuses to delete what is not there, and INBOX', async () => {
      expect(reasonOf(await mailbox.deleteFolder('Nowhere'))).toBe('nonexistent');
      expect(reasonOf(await mailbox.deleteFolder('inbox'))).toBe('not-permitted');
    });

    it('a name used again has another UIDVALIDITY and object id', async () => {
      const seen = new Set<number>();
      const ids = new Set<string>();
      for (let round = 0; round < 3; round += 1) {
        ids.add(valueOf(await mailbox.createFolder('Again', true)));
        seen.add(valueOf(await mailbox.statusOf('Again')).uidValidity);
        await append(mailbox, makeMessage('a'), { path: 'Again' });
        valueOf(await mailbox.deleteFolder('Again'));
        if (round === 1) await restart();
      }
      expect([seen.size, ids.size]).toEqual([3, 3]);
    });

    it('holders of a deleted folder find it gone and empty', async () => {
      await append(mailbox, makeMessage('a'), { path: 'Sent' });
      const folder = await openFolder(mailbox, 'Sent');
      let toldCount = 0;
      folder.subscribe(() => (toldCount += 1));
      valueOf(await mailbox.deleteFolder('Sent'));
      expect(folder.isGone).toBe(true);
      expect(listUids(folder)).toEqual([]);
      expect(toldCount).toBeGreaterThan(0);
      const changed = await folder.changeFlags(asUids(1), { kind: 'add', flags: ['\\Seen'] });
      expect(reasonOf(changed)).toBe('nonexistent');
      expect(await folder.openMessage(asUid(1))).toBeUndefined();
      folder.close();
    });

    it('a rename takes all below along and keeps identities; holders follow', async () => {
      valueOf(await mailbox.createFolder('A/B/C', true));
      valueOf(await mailbox.createFolder('A-B', true));
      const uid = await append(mailbox, makeMessage('a'), { path: 'A/B' });
      const before = valueOf(await mailbox.statusOf('A/B'));
      const folder = await openFolder(mailbox, 'A/B');
      valueOf(await mailbox.renameFolder('A', 'X/Y'));
      expect(await paths()).toEqual(['A-B', 'INBOX', 'Sent', 'X', 'X/Y', 'X/Y/B', 'X/Y/B/C']);
      expect(folder.path).toBe('X/Y/B');
      expect(await readMessage(folder, uid)).toEqual(makeMessage('a'));
      const after = valueOf(await mailbox.statusOf('X/Y/B'));
      expect({ ...after, recentCount: 1 }).toEqual(before);
    });

    it('two folders can trade names', async () => {
      valueOf(await mailbox.createFolder('A', true));
      const [first, second] = [await mailbox.statusOf('A'), await mailbox.statusOf('Sent')];
      await Promise.all([
        mailbox.renameFolder('A', 'T'),
        mailbox.renameFolder('Sent', 'A'),
        mailbox.renameFolder('T', 'Sent'),
      ]);
      expect(await mailbox.statusOf('Sent')).toEqual(first);
      expect(await mailbox.statusOf('A')).toEqual(second);
    });

    it.each([
      ['Nowhere', 'X', 'nonexistent'],
      ['A', 'Sent', 'already-exists'],
      ['A', 'A', 'already-exists'],
      ['A', 'inbox', 'already-exists'],
      ['A', 'A/B/C', 'not-permitted'],
      ['A', `${'x'.repeat(499)}/${'y'.repeat(499)}`, 'invalid-name'],
    ])('renaming %s to %s is refused', async (from, to, reason) => {
      valueOf(await mailbox.createFolder('A/B', true));
      expect(reasonOf(await mailbox.renameFolder(from, to))).toBe(reason);
      expect(await paths()).toEqual(['A', 'A/B', 'INBOX', 'Sent']);
    });

    it('renaming INBOX moves its messages and leaves it and its children', async () => {
      valueOf(await mailbox.createFolder('INBOX/Child', true));
      for (const word of ['a', 'b']) await append(mailbox, makeMessage(word));
      const inbox = await openFolder(mailbox);
      valueOf(await mailbox.renameFolder('INBOX', 'Old/Mail'));
      expect(await paths()).toEqual(['INBOX', 'INBOX/Child', 'Old', 'Old/Mail', 'Sent']);
      expect(listUids(inbox)).toEqual([]);
      expect(inbox.index.uidNext).toBe(3);
      const old = await openFolder(mailbox, 'Old/Mail');
      expect(await readMessage(old, asUid(2))).toEqual(makeMessage('b'));
    });

    it('subscriptions are names that outlive folders', async () => {
      valueOf(await mailbox.setSubscribed('Not/Yet', true));
      valueOf(await mailbox.setSubscribed('inbox', false));
      valueOf(await mailbox.deleteFolder('Sent'));
      await restart();
      expect((await mailbox.listDeadSubscriptions()).toSorted()).toEqual(['Not/Yet', 'Sent']);
      valueOf(await mailbox.createFolder('Not/Yet', true));
      const subscribed = (await mailbox.listFolders()).filter((folder) => folder.isSubscribed);
      expect(subscribed.map(({ path }) => path)).toEqual(['Not/Yet']);
      valueOf(await mailbox.setSubscribed('Sent', false));
      expect(await mailbox.listDeadSubscriptions()).toEqual([]);
    });
  });

  describe(`${name}: special uses`, () => {
    const useOf = async (path: string) =>
      (await mailbox.listFolders()).find((folder) => folder.path === path)?.specialUse;

    it('are given at creation and later, survive renames and restarts, and are taken away', async () => {
      valueOf(await mailbox.createFolder('Old/Mail', true, '\\Archive'));
      valueOf(await mailbox.renameFolder('Old', 'New'));
      await restart();
      expect(await useOf('New/Mail')).toBe('\\Archive');
      valueOf(await mailbox.setSpecialUse('New/Mail', undefined));
      valueOf(await mailbox.setSpecialUse('New', '\\Archive'));
      expect([await useOf('New'), await useOf('New/Mail')]).toEqual(['\\Archive', undefined]);
    });

    it.each(['\\All', '\\Flagged', '\\Sent', '\\Other' as '\\All'] as const)(
      'are refused where they cannot be: %s',
      async (use) => {
        expect(reasonOf(await mailbox.createFolder('A', true, use))).toBe('not-permitted');
        expect(await paths()).toEqual(['INBOX', 'Sent']);
        valueOf(await mailbox.createFolder('A', true));
        expect(reasonOf(await mailbox.setSpecialUse('A', use))).toBe('not-permitted');
        expect(reasonOf(await mailbox.setSpecialUse('INBOX', '\\Junk'))).toBe('not-permitted');
        expect([await useOf('A'), await useOf('INBOX')]).toEqual([undefined, undefined]);
      },
    );

    it('are free again once their folder is gone', async () => {
      valueOf(await mailbox.deleteFolder('Sent'));
      valueOf(await mailbox.createFolder('Outgoing', true, '\\Sent'));
      expect(reasonOf(await mailbox.setSpecialUse('Sent', undefined))).toBe('nonexistent');
      expect(reasonOf(await mailbox.createFolder('P', false, '\\Junk'))).toBe('not-permitted');
    });
  });

  describe(`${name}: metadata`, () => {
    const entries = (values: Record<string, string | undefined>) =>
      new Map(
        Object.entries(values).map(([key, value]) => [
          key,
          value === undefined ? undefined : Buffer.from(value),
        ]),
      );
    const read = async (path: string | undefined): Promise<Record<string, string>> => {
      const found = valueOf(await mailbox.readMetadata(path));
      return Object.fromEntries(
        [...found].map(([key, value]) => [key, Buffer.from(value).toString()]),
      );
    };

    it('is kept for the mailbox and for folders, whose renames it follows', async () => {
      valueOf(await mailbox.createFolder('A/B', true));
      valueOf(await mailbox.setMetadata(undefined, entries({ '/shared/Comment': 'all' })));
      valueOf(
        await mailbox.setMetadata('A/B', entries({ '/private/x': 'b\0\r\n', '/private/y': '' })),
      );
      valueOf(await mailbox.setMetadata('inbox', entries({ '/private/x': 'i' })));
      valueOf(await mailbox.renameFolder('A', 'C'));
      await restart();
      expect(await read(undefined)).toEqual({ '/shared/comment': 'all' });
      expect(await read('C/B')).toEqual({ '/private/x': 'b\0\r\n', '/private/y': '' });
      expect(await read('INBOX')).toEqual({ '/private/x': 'i' });
      valueOf(
        await mailbox.setMetadata('C/B', entries({ '/PRIVATE/X': undefined, '/private/z': '1' })),
      );
      expect(await read('C/B')).toEqual({ '/private/y': '', '/private/z': '1' });
    });

    it('dies with the folder', async () => {
      valueOf(await mailbox.createFolder('A', true));
      valueOf(await mailbox.setMetadata('A', entries({ '/private/x': '1' })));
      valueOf(await mailbox.deleteFolder('A'));
      expect(reasonOf(await mailbox.readMetadata('A'))).toBe('nonexistent');
      expect(reasonOf(await mailbox.setMetadata('A', entries({ '/private/x': '1' })))).toBe(
        'nonexistent',
      );
      valueOf(await mailbox.createFolder('A', true));
      expect(await read('A')).toEqual({});
    });

    it.each([
      ['too-big', { '/private/c': 'x'.repeat(11) }, {}],
      ['too-many', { '/private/c': '1', '/private/d': '2' }, {}],
      ['over-quota', { '/private/c': 'x'.repeat(10) }, { metadataTotalBytes: 40 }],
      ['invalid-name', { ['/'.repeat(1001)]: '1' }, {}],
      ['invalid-name', { '': '1' }, {}],
      ['not-permitted', { '/private/c': '1', '/private/specialuse': '\\All' }, {}],
      ['not-permitted', { '/private/specialuse': '\\Junk \\Trash' }, {}],
    ] as const)('is bounded, and sets all or none: %s', async (reason, values, limits) => {
      harness.setLimits({ metadataEntryCount: 3, metadataValueBytes: 10, ...limits });
      const before = { '/private/a': '1', '/private/b': '2' };
      valueOf(await mailbox.createFolder('A', true));
      valueOf(await mailbox.setMetadata('A', entries(before)));
      const refused = await mailbox.setMetadata('A', entries({ '/private/a': '9', ...values }));
      expect(reasonOf(refused)).toBe(reason);
      expect(await read('A')).toEqual(before);
    });

    it('has the special use of a folder as an entry', async () => {
      expect(await read('Sent')).toEqual({ '/private/specialuse': '\\Sent' });
      valueOf(await mailbox.setMetadata('Sent', entries({ '/private/specialuse': undefined })));
      valueOf(await mailbox.createFolder('A', true));
      valueOf(await mailbox.setMetadata('A', entries({ '/private/SpecialUse': '\\Sent' })));
      expect([await read('Sent'), await read('A')]).toEqual([
        {},
        { '/private/specialuse': '\\Sent' },
      ]);
      expect((await mailbox.listFolders()).find(({ path }) => path === 'A')?.specialUse).toBe(
        '\\Sent',
      );
    });
  });

  describe(`${name}: access rights`, () => {
    const read = async (path: string): Promise<Record<string, string>> =>
      Object.fromEntries(valueOf(await mailbox.readAcl(path)));

    it('are kept by folder, follow renames, and are inherited by new folders', async () => {
      valueOf(await mailbox.createFolder('A', true));
      valueOf(await mailbox.setAcl('A', 'bob', 'lrs'));
      valueOf(await mailbox.setAcl('A', '-eve', ''));
      valueOf(await mailbox.createFolder('A/B/C', true));
      valueOf(await mailbox.setAcl('A', 'bob', 'lr'));
      valueOf(await mailbox.setAcl('A', '-eve', undefined));
      valueOf(await mailbox.renameFolder('A', 'X'));
      await restart();
      expect(await read('X')).toEqual({ bob: 'lr' });
      expect(await read('X/B')).toEqual({ bob: 'lrs', '-eve': '' });
      expect(await read('X/B/C')).toEqual({ bob: 'lrs', '-eve': '' });
      expect(await read('INBOX')).toEqual({});
    });

    it('die with the folder', async () => {
      valueOf(await mailbox.setAcl('Sent', 'bob', 'lr'));
      valueOf(await mailbox.deleteFolder('Sent'));
      expect(reasonOf(await mailbox.readAcl('Sent'))).toBe('nonexistent');
      valueOf(await mailbox.createFolder('Sent', true));
      expect(await read('Sent')).toEqual({});
    });

    it.each([
      ['nonexistent', 'Nowhere', 'bob', 'l'],
      ['invalid-name', 'Sent', '', 'l'],
      ['invalid-name', 'Sent', 'x'.repeat(256), 'l'],
      ['not-permitted', 'Sent', 'bob', 'L'],
      ['not-permitted', 'Sent', 'bob', 'l r'],
      ['too-many', 'Sent', 'third', 'l'],
    ])('are refused: %s', async (reason, path, identifier, rights) => {
      harness.setLimits({ accessEntryCount: 2 });
      for (const known of ['first', 'second']) valueOf(await mailbox.setAcl('Sent', known, 'l'));
      expect(reasonOf(await mailbox.setAcl(path, identifier, rights))).toBe(reason);
      expect(await read('Sent')).toEqual({ first: 'l', second: 'l' });
    });
  });

  describe(`${name}: events of the whole mailbox`, () => {
    it('tell what happened, in order, also in folders that nobody has open', async () => {
      const events: MailboxEvent[] = [];
      const end = mailbox.subscribeMailbox((event) => void events.push(event));
      const taken = (): MailboxEvent[] => events.splice(0);
      await append(mailbox, makeMessage('a'), { path: 'Sent' });
      expect(taken()).toEqual([{ kind: 'messages', path: 'Sent' }]);
      const folder = await openFolder(mailbox, 'Sent');
      await folder.changeFlags(asUids(1), { kind: 'add', flags: ['\\Seen'] });
      await folder.changeFlags(asUids(1), { kind: 'add', flags: ['\\Seen'] });
      expect(taken()).toEqual([{ kind: 'messages', path: 'Sent' }]);
      await folder.move(asUids(1), 'INBOX');
      expect(taken().toSorted((a, b) => (String(a.path) < String(b.path) ? -1 : 1))).toEqual([
        { kind: 'messages', path: 'INBOX' },
        { kind: 'messages', path: 'Sent' },
      ]);
      valueOf(await mailbox.createFolder('A/B', true));
      expect(taken()).toEqual([
        { kind: 'created', path: 'A' },
        { kind: 'created', path: 'A/B' },
      ]);
      valueOf(await mailbox.renameFolder('A', 'C'));
      expect(taken()).toEqual([
        { kind: 'renamed', path: 'C', oldPath: 'A' },
        { kind: 'renamed', path: 'C/B', oldPath: 'A/B' },
      ]);
      valueOf(await mailbox.deleteFolder('C'));
      expect(taken()).toEqual([
        { kind: 'deleted', path: 'C' },
        { kind: 'created', path: 'C' },
      ]);
      valueOf(await mailbox.setSubscribed('C/B', true));
      valueOf(await mailbox.setSubscribed('C/B', false));
      valueOf(await mailbox.setMetadata(undefined, new Map([['/private/x', Buffer.from('1')]])));
      valueOf(await mailbox.setMetadata('C/B', new Map([['/private/x', Buffer.from('1')]])));
      valueOf(await mailbox.setSpecialUse('C/B', '\\Junk'));
      valueOf(await mailbox.setAcl('C/B', 'bob', 'l'));
      expect(taken()).toEqual([
        { kind: 'subscribed', path: 'C/B' },
        { kind: 'unsubscribed', path: 'C/B' },
        { kind: 'metadata', path: undefined },
        { kind: 'metadata', path: 'C/B' },
        { kind: 'metadata', path: 'C/B' },
        { kind: 'rights', path: 'C/B' },
      ]);
      end();
      await append(mailbox, makeMessage('b'));
      expect(taken()).toEqual([]);
    });

    it('come after the change is visible, to every holder until it closes', async () => {
      const other = await openMailbox(harness.store);
      const seen: number[] = [];
      const look = async (): Promise<void> => {
        seen.push(mailbox.usage.messageCount);
      };
      other.subscribeMailbox(() => void look());
      mailbox.subscribeMailbox(() => void look());
      const appended = append(mailbox, makeMessage('a'));
      expect(seen).toEqual([]);
      await appended;
      expect(seen).toEqual([1, 1]);
      other.close();
      await append(mailbox, makeMessage('b'));
      expect(seen).toEqual([1, 1, 2]);
    });
  });

  describe(`${name}: maildrops`, () => {
    beforeEach(async () => {
      for (const word of ['a', 'bb', 'ccc']) await append(mailbox, makeMessage(word));
    });

    it('is frozen, and its listing has stable unique ids', async () => {
      const maildrop = valueOf(await mailbox.openMaildrop());
      await append(mailbox, makeMessage('d'));
      expect(maildrop.messageCount).toBe(3);
      expect([0, 1, 2, 3].map((index) => maildrop.sizeBytesAt(index))).toEqual([
        ...['a', 'bb', 'ccc'].map((word) => makeMessage(word).length),
        0,
      ]);
      const uidls = [0, 1, 2].map((index) => maildrop.uidlAt(index));
      expect(new Set(uidls).size).toBe(3);
      for (const uidl of uidls) expect(uidl).toMatch(/^[\u0021-\u007E]{1,70}$/);
      expect(await maildrop.open(1)).toEqual(new Uint8Array(makeMessage('bb')));
      expect(await maildrop.open(3)).toBeUndefined();
      await maildrop.close();
      await restart();
      const again = valueOf(await mailbox.openMaildrop());
      expect([0, 1, 2].map((index) => again.uidlAt(index))).toEqual(uidls);
      await again.close();
    });

    it('opens a message that is too large for a row as well', async () => {
      const large = makeMessage('x'.repeat(300_000));
      await append(mailbox, large);
      const maildrop = valueOf(await mailbox.openMaildrop());
      const content = present(await maildrop.open(3));
      if (content instanceof Uint8Array) throw new Error('it is in memory');
      expect(await readContent(content)).toEqual(large);
      await content.close();
      await maildrop.close();
    });

    it('is unlocked before it is closed, and may be closed then', async () => {
      const other = await openMailbox(harness.store);
      const maildrop = valueOf(await mailbox.openMaildrop());
      maildrop.markSeen(0);
      maildrop.unlock();
      const second = valueOf(await other.openMaildrop());
      await maildrop.close();
      expect(reasonOf(await mailbox.openMaildrop())).toBe('in-use');
      await second.close();
    });

    it('is locked against another until it is closed', async () => {
      const other = await openMailbox(harness.store);
      const maildrop = valueOf(await mailbox.openMaildrop());
      expect(reasonOf(await other.openMaildrop())).toBe('in-use');
      await maildrop.close();
      await maildrop.close();
      const second = valueOf(await other.openMaildrop());
      expect(reasonOf(await mailbox.openMaildrop())).toBe('in-use');
      await second.close();
    });

    it('removes what it is told to, also what is gone already', async () => {
      const maildrop = valueOf(await mailbox.openMaildrop());
      const folder = await openFolder(mailbox);
      await folder.changeFlags(asUids(1), { kind: 'add', flags: ['\\Deleted'] });
      await folder.expunge(undefined);
      expect(await maildrop.open(0)).toBeUndefined();
      expect(await maildrop.remove(Uint32Array.of(0, 2, 9))).toBe(true);
      expect(listUids(folder)).toEqual([2]);
      await maildrop.close();
    });

    it('marks what was fetched as seen, before it closes, and takes nothing as recent', async () => {
      const maildrop = valueOf(await mailbox.openMaildrop());
      maildrop.markSeen(1);
      maildrop.markSeen(1);
      maildrop.markSeen(17);
      await maildrop.close();
      const status = valueOf(await mailbox.statusOf('INBOX'));
      expect(status).toMatchObject({ unseenCount: 2, recentCount: 3 });
    });

    it('marks many in few transactions', async () => {
      for (let count = 0; count < 40; count += 1) await append(mailbox, makeMessage('n'));
      const folder = await openFolder(mailbox);
      const maildrop = valueOf(await mailbox.openMaildrop());
      let publicationCount = 0;
      folder.subscribe(() => (publicationCount += 1));
      for (let index = 0; index < 43; index += 1) maildrop.markSeen(index);
      await maildrop.close();
      expect(valueOf(await mailbox.statusOf('INBOX')).unseenCount).toBe(0);
      expect(publicationCount).toBeLessThan(5);
    });
  });
}
