/** Single messages: octets, facts, and what is refused of an append. */
import { describe, expect, it } from 'vitest';
import type { ModSeq } from '../../api.ts';
import {
  append,
  asUid,
  asUids,
  flagsOf,
  makeMessage,
  openFolder,
  present,
  readContent,
  readMessage,
  reasonOf,
  tryAppend,
  valueOf,
} from '../mail-steps.ts';
import { describePlainly, KEPT_HEADER_BYTES } from '../plain-describer.ts';
import { ALL_FACTS, LARGE_BYTES, useStore, type OpenHarness } from './contract-store.ts';

export function describeMessages(open: OpenHarness): void {
  const use = useStore(open);

  describe(`messages`, () => {
    it.each([
      ['small', 5000],
      ['large', LARGE_BYTES],
      ['empty', -1],
    ] as const)(
      'a %s message comes back octet for octet, with its facts, also after a restart',
      async (_, bodyBytes) => {
        const octets = bodyBytes === -1 ? Buffer.alloc(0) : makeMessage('a', bodyBytes);
        const internalDate = { epochMs: 1_700_000_000_000, zoneMinutes: -90 };
        const uid = await append(use.mailbox, octets, { internalDate, flags: ['\\Seen', '$Work'] });
        for (let round = 0; round < 2; round += 1) {
          const folder = await openFolder(use.mailbox);
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
          expect(facts?.saveDateMs).toBe(use.harness.clock.nowMs());
          await use.restart();
        }
      },
    );

    it('a header too long to keep, and facts not asked for, are undefined', async () => {
      const uid = await append(
        use.mailbox,
        Buffer.from(`X: ${'y'.repeat(KEPT_HEADER_BYTES)}\r\n\r\n`),
      );
      const folder = await openFolder(use.mailbox);
      const [facts] = await folder.readFacts([uid], new Set(['header', 'envelope'] as const));
      expect(facts?.header).toBeUndefined();
      expect(facts?.shape).toBeUndefined();
      expect(facts?.octets).toBeUndefined();
      expect(facts?.preview).toBeUndefined();
      expect(facts?.saveDateMs).toBeUndefined();
    });

    it('facts come in the order asked for, without those that are gone', async () => {
      for (const word of ['a', 'bb', 'ccc']) await append(use.mailbox, makeMessage(word));
      const folder = await openFolder(use.mailbox);
      await folder.changeFlags(asUids(2), { kind: 'add', flags: ['\\Deleted'] });
      await folder.expunge(undefined);
      const facts = await folder.readFacts(asUids(3, 9, 2, 1), new Set(['envelope'] as const));
      expect(facts.map(({ uid }) => uid)).toEqual([3, 1]);
    });

    it('equal octets have equal email ids', async () => {
      const same = makeMessage('same');
      for (const octets of [same, makeMessage('other'), same]) await append(use.mailbox, octets);
      const folder = await openFolder(use.mailbox);
      const facts = await folder.readFacts(asUids(1, 2, 3), new Set(['email-id'] as const));
      expect(facts[0]?.emailId).toBe(facts[2]?.emailId);
      expect(facts[0]?.emailId).not.toBe(facts[1]?.emailId);
    });

    it('a message that is open outlives its expunge, small or large', async () => {
      for (const bodyBytes of [100, LARGE_BYTES]) {
        const octets = makeMessage('kept', bodyBytes);
        const uid = await append(use.mailbox, octets, { flags: ['\\Deleted'] });
        const folder = await openFolder(use.mailbox);
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
      use.harness.setLimits({ messageBytes: 2_000_000, mailboxBytes: 1_000_000 });
      const refused = await tryAppend(use.mailbox, makeMessage('a'), request);
      expect(reasonOf(refused)).toBe(reason);
      expect(use.mailbox.usage).toEqual({ messageCount: 0, totalBytes: 0 });
    });

    it('appends that run side by side keep within the quota', async () => {
      use.harness.setLimits({ mailboxBytes: 2500 });
      const octets = Buffer.alloc(1000, 65);
      const outcomes = await Promise.all([1, 2, 3, 4].map(() => tryAppend(use.mailbox, octets)));
      expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(2);
      expect(use.mailbox.usage).toEqual({ messageCount: 2, totalBytes: 2000 });
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
        const sink = valueOf(await use.mailbox.startAppend('INBOX'));
        await sink.startMessage({ flags: [], internalDate: undefined, sizeBytes });
        await sink.write(Buffer.alloc(size));
        await sink.abort();
        await sink.write(Buffer.alloc(size));
        await sink.abort();
        expect(use.mailbox.usage.messageCount).toBe(0);
        expect(await append(use.mailbox, makeMessage('a'))).toBe(1);
      },
    );

    it('octets that do not match the announced size are a bug of the caller', async () => {
      const message = { flags: [], internalDate: undefined, sizeBytes: 3 };
      const long = valueOf(await use.mailbox.startAppend('INBOX'));
      await long.startMessage(message);
      expect(() => long.write(Buffer.alloc(4))).toThrow(RangeError);
      await long.abort();
      const short = valueOf(await use.mailbox.startAppend('INBOX'));
      await short.startMessage(message);
      await short.write(Buffer.alloc(2));
      expect(() => short.endMessage()).toThrow(RangeError);
      await short.abort();
    });

    it.each([1, 5000, LARGE_BYTES])(
      'a message whose size is not known ahead is stored: %d octets',
      async (bodyBytes) => {
        const octets = makeMessage('grows', bodyBytes);
        const uid = await append(use.mailbox, octets, { sizeBytes: undefined });
        await use.restart();
        const folder = await openFolder(use.mailbox);
        expect(await readMessage(folder, uid)).toEqual(octets);
        expect(use.mailbox.usage.totalBytes).toBe(octets.length);
      },
    );

    it.each([
      ['too-big', { messageBytes: 1000 }],
      ['over-quota', { mailboxBytes: 1000 }],
    ] as const)(
      'of a size not known ahead, it is refused at its end: %s',
      async (reason, limits) => {
        use.harness.setLimits(limits);
        for (const octets of [Buffer.alloc(1001), Buffer.alloc(LARGE_BYTES)]) {
          const refused = await tryAppend(use.mailbox, octets, { sizeBytes: undefined });
          expect(reasonOf(refused)).toBe(reason);
        }
        expect(
          (await tryAppend(use.mailbox, Buffer.alloc(1000), { sizeBytes: undefined })).ok,
        ).toBe(true);
      },
    );

    it('many appends at once get one UID each, in the order of their commits', async () => {
      const all = Array.from({ length: 50 }, (_, at) => append(use.mailbox, makeMessage(`m${at}`)));
      const uids = await Promise.all(all);
      expect(uids).toEqual(Array.from({ length: 50 }, (_, at) => at + 1));
      const folder = await openFolder(use.mailbox);
      expect(await readMessage(folder, asUid(37))).toEqual(makeMessage('m36'));
    });
  });

  describe(`save dates`, () => {
    const savedAt = async (path: string, ...uids: number[]): Promise<(number | undefined)[]> => {
      const folder = await openFolder(use.mailbox, path);
      const facts = await folder.readFacts(asUids(...uids), new Set(['save-date'] as const));
      folder.close();
      return facts.map(({ saveDateMs }) => saveDateMs);
    };

    it('tell when a message came into its folder, whatever its date', async () => {
      const start = use.harness.clock.nowMs();
      await append(use.mailbox, makeMessage('a'), { internalDate: { epochMs: 5, zoneMinutes: 0 } });
      use.harness.clock.advance(5000);
      await append(use.mailbox, makeMessage('b'));
      use.harness.clock.advance(7000);
      const folder = await openFolder(use.mailbox);
      await folder.copy(asUids(1), 'Sent');
      use.harness.clock.advance(9000);
      await folder.move(asUids(2), 'Sent');
      await append(use.mailbox, makeMessage('c'));
      await use.restart();
      expect(await savedAt('INBOX', 1, 3)).toEqual([start, start + 21_000]);
      expect(await savedAt('Sent', 1, 2)).toEqual([start + 12_000, start + 21_000]);
    });

    it('stay with those that are left when others are gone and forgotten', async () => {
      use.harness.setLimits({ expungeHistoryCount: 2 });
      const start = use.harness.clock.nowMs();
      const folder = await openFolder(use.mailbox);
      for (let at = 0; at < 20; at += 1) {
        const flags = at % 3 === 0 ? [] : ['\\Deleted'];
        await append(use.mailbox, makeMessage('a'), { flags });
        use.harness.clock.advance(2000);
      }
      valueOf(await folder.expunge(undefined));
      await use.restart();
      await expect
        .poll(async () => (await openFolder(use.mailbox)).expungedSince(1 as ModSeq))
        .toBeUndefined();
      expect(await savedAt('INBOX', 1, 4, 7, 19)).toEqual([
        start,
        start + 6000,
        start + 12_000,
        start + 36_000,
      ]);
    });
  });
}
