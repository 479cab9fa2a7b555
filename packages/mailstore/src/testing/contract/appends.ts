/** Appends of several messages, and those that replace one (RFC 3502, RFC 8508). */
import { describe, expect, it } from 'vitest';
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
  readMessage,
  reasonOf,
  reasonsOf,
  tryAppend,
  tryAppendAll,
  valueOf,
  type TestMessage,
} from '../mail-steps.ts';
import { describePlainly } from '../plain-describer.ts';
import { ALL_FACTS, LARGE_BYTES, useStore, type OpenHarness } from './contract-store.ts';

export function describeAppends(open: OpenHarness): void {
  const use = useStore(open);

  describe(`appends of several messages`, () => {
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
      const { uids, uidValidity } = valueOf(await tryAppendAll(use.mailbox, 'Sent', all));
      expect(uids).toEqual(all.map((_, at) => at + 1));
      await use.restart();
      const folder = await openFolder(use.mailbox, 'Sent');
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
      const folder = await openFolder(use.mailbox);
      const seen = new Set<number>();
      folder.subscribe(() => seen.add(folder.index.uids.length));
      await Promise.all([
        tryAppendAll(use.mailbox, 'INBOX', messages(200, 9000)),
        tryAppendAll(use.mailbox, 'INBOX', messages(150, 9000)),
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
      use.harness.setLimits(limits);
      expect(reasonOf(await tryAppendAll(use.mailbox, 'INBOX', all))).toBe(reason);
      expect(use.mailbox.usage).toEqual({ messageCount: 0, totalBytes: 0 });
      await use.restart();
      expect(valueOf(await use.mailbox.statusOf('INBOX'))).toMatchObject({
        messageCount: 0,
        uidNext: 1,
      });
    });

    it('stores none if the folder goes meanwhile, or the caller gives up', async () => {
      valueOf(await use.mailbox.createFolder('Doomed', true));
      const sinks = [
        valueOf(await use.mailbox.startAppend('Doomed')),
        valueOf(await use.mailbox.startAppend('Doomed')),
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
      valueOf(await use.mailbox.deleteFolder('Doomed'));
      expect(reasonOf(await present(sinks[1]).commit())).toBe('nonexistent');
      expect(use.mailbox.usage).toEqual({ messageCount: 0, totalBytes: 0 });
    });

    it('refuses at the end as well, once it has refused', async () => {
      const sink = valueOf(await use.mailbox.startAppend('INBOX'));
      const message = { flags: ['\\Bad'], internalDate: undefined, sizeBytes: 1 };
      expect(reasonOf(await sink.startMessage(message))).toBe('not-permitted');
      expect(reasonOf(await sink.startMessage({ ...message, flags: [] }))).toBe('not-permitted');
      expect(reasonOf(await sink.commit())).toBe('not-permitted');
    });
  });

  describe(`replacing a message`, () => {
    it('takes the old one away with the same publication, in any folder', async () => {
      for (const path of ['INBOX', 'Sent']) {
        const folder = await openFolder(use.mailbox);
        const uid = await append(use.mailbox, makeMessage('draft'));
        const seen = new Set<string>();
        folder.subscribe(() => seen.add(listUids(folder).join()));
        const mark = folder.index.highestModSeq;
        const replacing = { folder, uid };
        const added = await append(use.mailbox, makeMessage('final'), { path, replacing });
        expect([...seen]).toEqual(['2']);
        expect(await folder.expungedSince(mark)).toEqual([uid]);
        expect(await readMessage(await openFolder(use.mailbox, path), added)).toEqual(
          makeMessage('final'),
        );
        folder.close();
      }
      expect(use.mailbox.usage.messageCount).toBe(2);
    });

    it('counts only what is added for the quota', async () => {
      const uid = await append(use.mailbox, Buffer.alloc(900));
      use.harness.setLimits({ mailboxBytes: 1000, mailboxMessageCount: 1 });
      const folder = await openFolder(use.mailbox);
      const refused = await tryAppend(use.mailbox, Buffer.alloc(1001), {
        replacing: { folder, uid },
      });
      expect(reasonOf(refused)).toBe('over-quota');
      expect(reasonOf(await tryAppend(use.mailbox, Buffer.alloc(100)))).toBe('over-quota');
      const added = await append(use.mailbox, Buffer.alloc(1000), { replacing: { folder, uid } });
      expect(listUids(folder)).toEqual([added]);
    });

    it('refuses, and adds nothing, if the old one is gone or is not to be changed', async () => {
      const uid = await append(use.mailbox, makeMessage('a'));
      const folder = await openFolder(use.mailbox);
      const reader = await openFolder(use.mailbox, 'INBOX', true);
      const other = await openMailbox(use.harness.store, 'ACCOUNT2');
      await append(other, makeMessage('b'));
      const foreign = await openFolder(other);
      const outcomes = [
        await tryAppend(use.mailbox, makeMessage('n'), { replacing: { folder, uid: asUid(99) } }),
        await tryAppend(use.mailbox, makeMessage('n'), { replacing: { folder: reader, uid } }),
        await tryAppend(use.mailbox, makeMessage('n'), { replacing: { folder: foreign, uid } }),
      ];
      expect(reasonsOf(outcomes)).toEqual(['expunged', 'not-permitted', 'not-permitted']);
      expect(listUids(folder)).toEqual([uid]);
      other.close();
    });
  });
}
