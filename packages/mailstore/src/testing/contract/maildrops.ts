/** The inbox as POP3 has it (RFC 1939). */
import { beforeEach, describe, expect, it } from 'vitest';
import {
  append,
  asUids,
  listUids,
  makeMessage,
  openFolder,
  openMailbox,
  present,
  readContent,
  reasonOf,
  valueOf,
} from '../mail-steps.ts';
import { useStore, type OpenHarness } from './contract-store.ts';

export function describeMaildrops(open: OpenHarness): void {
  const use = useStore(open);

  describe(`maildrops`, () => {
    beforeEach(async () => {
      for (const word of ['a', 'bb', 'ccc']) await append(use.mailbox, makeMessage(word));
    });

    it('is frozen, and its listing has stable unique ids', async () => {
      const maildrop = valueOf(await use.mailbox.openMaildrop());
      await append(use.mailbox, makeMessage('d'));
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
      expect(await maildrop.readShape(1)).toBeInstanceOf(Uint8Array);
      expect(await maildrop.readShape(3)).toBeUndefined();
      await maildrop.close();
      await use.restart();
      const again = valueOf(await use.mailbox.openMaildrop());
      expect([0, 1, 2].map((index) => again.uidlAt(index))).toEqual(uidls);
      await again.close();
    });

    it('opens a message that is too large for a row as well', async () => {
      const large = makeMessage('x'.repeat(300_000));
      await append(use.mailbox, large);
      const maildrop = valueOf(await use.mailbox.openMaildrop());
      const content = present(await maildrop.open(3));
      if (content instanceof Uint8Array) throw new Error('it is in memory');
      expect(await readContent(content)).toEqual(large);
      await content.close();
      await maildrop.close();
    });

    it('is unlocked before it is closed, and may be closed then', async () => {
      const other = await openMailbox(use.harness.store);
      const maildrop = valueOf(await use.mailbox.openMaildrop());
      maildrop.markSeen(0);
      maildrop.unlock();
      const second = valueOf(await other.openMaildrop());
      await maildrop.close();
      expect(reasonOf(await use.mailbox.openMaildrop())).toBe('in-use');
      await second.close();
    });

    it('is locked against another until it is closed', async () => {
      const other = await openMailbox(use.harness.store);
      const maildrop = valueOf(await use.mailbox.openMaildrop());
      expect(reasonOf(await other.openMaildrop())).toBe('in-use');
      await maildrop.close();
      await maildrop.close();
      const second = valueOf(await other.openMaildrop());
      expect(reasonOf(await use.mailbox.openMaildrop())).toBe('in-use');
      await second.close();
    });

    it('removes what it is told to, also what is gone already', async () => {
      const maildrop = valueOf(await use.mailbox.openMaildrop());
      const folder = await openFolder(use.mailbox);
      await folder.changeFlags(asUids(1), { kind: 'add', flags: ['\\Deleted'] });
      await folder.expunge(undefined);
      expect(await maildrop.open(0)).toBeUndefined();
      expect(await maildrop.remove(Uint32Array.of(0, 2, 9))).toBe(true);
      expect(listUids(folder)).toEqual([2]);
      await maildrop.close();
    });

    it('marks what was fetched as seen, before it closes, and takes nothing as recent', async () => {
      const maildrop = valueOf(await use.mailbox.openMaildrop());
      maildrop.markSeen(1);
      maildrop.markSeen(1);
      maildrop.markSeen(17);
      await maildrop.close();
      const status = valueOf(await use.mailbox.statusOf('INBOX'));
      expect(status).toMatchObject({ unseenCount: 2, recentCount: 3 });
    });

    it('finds what is seen and came before a moment', async () => {
      const { clock } = use.harness;
      await use.mailbox.openMaildrop().then(async (opened) => {
        const maildrop = valueOf(opened);
        await maildrop.remove(Uint32Array.of(0, 1, 2));
        await maildrop.close();
      });
      const startMs = clock.nowMs();
      const cameAtMs = (index: number): number => startMs + index * 60_000;
      for (let count = 0; count < 30; count += 1) {
        await append(use.mailbox, makeMessage(`n${count}`));
        clock.advance(60_000);
      }
      const folder = await openFolder(use.mailbox);
      const seen = folder.index.uids.values.subarray(0, 20).filter((_, at) => at % 2 === 0);
      await folder.changeFlags(asUids(...seen), { kind: 'add', flags: ['\\Seen'] });
      const maildrop = valueOf(await use.mailbox.openMaildrop());
      maildrop.markSeen(21);
      const find = async (ms: number): Promise<number[]> => [
        ...(await maildrop.findSeenBefore(ms)),
      ];
      expect(await find(0)).toEqual([]);
      expect(await find(cameAtMs(0))).toEqual([]);
      expect(await find(cameAtMs(0) + 1_000)).toEqual([0]);
      expect(await find(cameAtMs(5))).toEqual([0, 2, 4]);
      expect(await find(clock.nowMs())).toEqual([0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 21]);
      await folder.changeFlags(asUids(present(seen[1])), { kind: 'add', flags: ['\\Deleted'] });
      await folder.expunge(undefined);
      expect(await find(cameAtMs(5))).toEqual([0, 4]);
      await maildrop.close();
    });

    it('marks many in few transactions', async () => {
      for (let count = 0; count < 40; count += 1) await append(use.mailbox, makeMessage('n'));
      const folder = await openFolder(use.mailbox);
      const maildrop = valueOf(await use.mailbox.openMaildrop());
      let publicationCount = 0;
      folder.subscribe(() => (publicationCount += 1));
      for (let index = 0; index < 43; index += 1) maildrop.markSeen(index);
      await maildrop.close();
      expect(valueOf(await use.mailbox.statusOf('INBOX')).unseenCount).toBe(0);
      expect(publicationCount).toBeLessThan(5);
    });
  });
}
