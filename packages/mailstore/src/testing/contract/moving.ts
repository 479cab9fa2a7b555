/** EXPUNGE, COPY and MOVE, and the history of expunges (RFC 7162 §3.2.5). */
import { beforeEach, describe, expect, it } from 'vitest';
import type { ModSeq } from '../../api.ts';
import {
  append,
  asUid,
  asUids,
  flagsOf,
  listUids,
  makeMessage,
  openFolder,
  present,
  readMessage,
  reasonOf,
  valueOf,
} from '../mail-steps.ts';
import { useStore, type OpenHarness } from './contract-store.ts';

export function describeMoving(open: OpenHarness): void {
  const use = useStore(open);

  describe(`expunge, copy and move`, () => {
    beforeEach(async () => {
      for (const word of ['a', 'b', 'c', 'd']) {
        await append(use.mailbox, makeMessage(word), { flags: [`$${word}`] });
      }
    });

    it('expunges only what is \\Deleted, of those named', async () => {
      const folder = await openFolder(use.mailbox);
      await folder.changeFlags(asUids(1, 2, 4), { kind: 'add', flags: ['\\Deleted'] });
      expect(valueOf(await folder.expunge(asUids(4, 3, 2)))).toEqual([2, 4]);
      expect(listUids(folder)).toEqual([1, 3]);
      expect(valueOf(await folder.expunge(undefined))).toEqual([1]);
      expect(valueOf(await use.mailbox.statusOf('INBOX')).messageCount).toBe(1);
    });

    it('remembers expunges over restarts', async () => {
      const marks: ModSeq[] = [];
      let folder = await openFolder(use.mailbox);
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
        await use.restart();
        folder = await openFolder(use.mailbox);
      }
    });

    it('forgets old expunges, and knows from where on it remembers all', async () => {
      use.harness.setLimits({ expungeHistoryCount: 4 });
      let folder = await openFolder(use.mailbox);
      const marks: ModSeq[] = [];
      for (let uid = 5; uid < 25; uid += 1) {
        await append(use.mailbox, makeMessage('gone'), { flags: ['\\Deleted'] });
        marks.push(folder.index.highestModSeq);
        valueOf(await folder.expunge(undefined));
      }
      await use.restart();
      folder = await openFolder(use.mailbox);
      await expect.poll(() => folder.expungedSince(present(marks[0]))).toBeUndefined();
      expect(await folder.expungedSince(0 as ModSeq)).toBeUndefined();
      expect(await folder.expungedSince(present(marks.at(-4)))).toEqual([21, 22, 23, 24]);
      expect(await folder.expungedSince(folder.index.highestModSeq)).toEqual([]);
    });

    it('a UID list that a holder keeps never changes', async () => {
      const folder = await openFolder(use.mailbox);
      const kept = folder.index.uids;
      await append(use.mailbox, makeMessage('e'));
      await folder.changeFlags(asUids(2), { kind: 'add', flags: ['\\Deleted'] });
      await folder.expunge(undefined);
      await append(use.mailbox, makeMessage('f'));
      expect([...kept.values.subarray(0, kept.length)]).toEqual([1, 2, 3, 4]);
      expect(listUids(folder)).toEqual([1, 3, 4, 5, 6]);
    });

    it('UIDs are never used again, also not after a restart', async () => {
      const folder = await openFolder(use.mailbox);
      await folder.changeFlags(asUids(3, 4), { kind: 'add', flags: ['\\Deleted'] });
      await folder.expunge(undefined);
      await use.restart();
      expect(valueOf(await use.mailbox.statusOf('INBOX')).uidNext).toBe(5);
      expect(await append(use.mailbox, makeMessage('e'))).toBe(5);
    });

    it('copies share octets, keep flags and dates, and outlive their source', async () => {
      const folder = await openFolder(use.mailbox);
      const copied = valueOf(await folder.copy(asUids(4, 2, 9, 2), 'Sent'));
      const target = await openFolder(use.mailbox, 'Sent');
      expect(copied).toEqual({
        uidValidity: target.uidValidity,
        sourceUids: [2, 4],
        newUids: [1, 2],
      });
      await folder.changeFlags(asUids(2), { kind: 'add', flags: ['\\Deleted'] });
      await folder.expunge(undefined);
      await use.restart();
      const again = await openFolder(use.mailbox, 'Sent');
      expect(await readMessage(again, asUid(1))).toEqual(makeMessage('b'));
      expect(flagsOf(again, asUid(1))).toEqual(['$b']);
    });

    it('moves leave their source and its history', async () => {
      const folder = await openFolder(use.mailbox);
      const mark = folder.index.highestModSeq;
      const moved = valueOf(await folder.move(asUids(1, 3, 8), 'Sent'));
      expect([moved.sourceUids, moved.newUids]).toEqual([
        [1, 3],
        [1, 2],
      ]);
      expect(listUids(folder)).toEqual([2, 4]);
      expect(await folder.expungedSince(mark)).toEqual([1, 3]);
      const target = await openFolder(use.mailbox, 'Sent');
      expect(await readMessage(target, asUid(2))).toEqual(makeMessage('c'));
      expect(use.mailbox.usage.messageCount).toBe(4);
    });

    it('a copy and a move into the same folder give new UIDs', async () => {
      const folder = await openFolder(use.mailbox);
      expect(valueOf(await folder.copy(asUids(1), 'inbox')).newUids).toEqual([5]);
      expect(valueOf(await folder.move(asUids(2, 1), 'INBOX')).newUids).toEqual([6, 7]);
      expect(listUids(folder)).toEqual([3, 4, 5, 6, 7]);
      expect(await readMessage(folder, asUid(7))).toEqual(makeMessage('b'));
    });

    it('a copy over the quota copies nothing', async () => {
      const folder = await openFolder(use.mailbox);
      use.harness.setLimits({
        mailboxBytes: use.mailbox.usage.totalBytes + makeMessage('a').length,
      });
      expect(reasonOf(await folder.copy(asUids(1, 2), 'Sent'))).toBe('over-quota');
      expect(valueOf(await use.mailbox.statusOf('Sent')).messageCount).toBe(0);
    });

    it('a copy or move to nowhere is refused', async () => {
      const folder = await openFolder(use.mailbox);
      expect(reasonOf(await folder.copy(asUids(1), 'Nowhere'))).toBe('nonexistent');
      expect(reasonOf(await folder.move(asUids(1), 'Nowhere'))).toBe('nonexistent');
      expect(listUids(folder)).toEqual([1, 2, 3, 4]);
    });

    it('a copy of many is whole, and others are served meanwhile', async () => {
      const folder = await openFolder(use.mailbox);
      for (let round = 0; round < 8; round += 1) {
        valueOf(await folder.copy(asUids(...listUids(folder)), 'INBOX'));
      }
      const uids = asUids(...listUids(folder));
      const target = await openFolder(use.mailbox, 'Sent');
      const seen = new Set<number>();
      target.subscribe(() => seen.add(target.index.uids.length));
      const [copied] = await Promise.all([
        folder.copy(uids, 'Sent'),
        append(use.mailbox, makeMessage('z')),
      ]);
      expect(valueOf(copied).newUids).toHaveLength(1024);
      expect([...seen]).toEqual([1024]);
      expect(listUids(folder)).toHaveLength(1025);
    });
  });
}
