/** Flags: changes, conditions, counts and bounds (RFC 7162 §3.1.3). */
import { beforeEach, describe, expect, it } from 'vitest';
import type { ModSeq, Outcome } from '../../api.ts';
import {
  append,
  asUid,
  asUids,
  flagsOf,
  makeMessage,
  openFolder,
  reasonOf,
  reasonsOf,
  valueOf,
} from '../mail-steps.ts';
import { useStore, type OpenHarness } from './contract-store.ts';

export function describeFlags(open: OpenHarness): void {
  const use = useStore(open);

  describe(`flags`, () => {
    beforeEach(async () => {
      for (const word of ['a', 'b', 'c']) await append(use.mailbox, makeMessage(word));
    });

    it('changes add, remove and replace; equal sets are one object', async () => {
      const folder = await openFolder(use.mailbox);
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
      const folder = await openFolder(use.mailbox);
      const changed = await folder.changeFlags(asUids(1, 7), { kind: 'add', flags: ['\\Seen'] });
      expect(valueOf(changed)).toEqual({ missing: [7], modified: [] });
      expect(valueOf(await use.mailbox.statusOf('INBOX')).unseenCount).toBe(2);
      await folder.changeFlags(asUids(1), { kind: 'replace', flags: [] });
      expect(valueOf(await use.mailbox.statusOf('INBOX')).unseenCount).toBe(3);
    });

    it('a change raises the mod-sequence, the same flags again do not', async () => {
      const folder = await openFolder(use.mailbox);
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
      const folder = await openFolder(use.mailbox);
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
      const folder = await openFolder(use.mailbox);
      const counts = async (path: string = 'INBOX'): Promise<number[]> => {
        const { deletedCount, deletedBytes } = valueOf(await use.mailbox.statusOf(path));
        return [deletedCount, deletedBytes];
      };
      await folder.changeFlags(asUids(1, 2), { kind: 'add', flags: ['\\Deleted'] });
      await folder.changeFlags(asUids(2), { kind: 'add', flags: ['\\Deleted', '$x'] });
      expect(await counts()).toEqual([2, 2 * size]);
      await append(use.mailbox, makeMessage('d'), { flags: ['\\Deleted'] });
      await folder.copy(asUids(1, 3), 'Sent');
      await folder.move(asUids(2, 3), 'Sent');
      expect([await counts(), await counts('Sent')]).toEqual([
        [2, 2 * size],
        [2, 2 * size],
      ]);
      await folder.changeFlags(asUids(1), { kind: 'remove', flags: ['\\Deleted'] });
      await folder.expunge(undefined);
      await use.restart();
      expect([await counts(), await counts('Sent')]).toEqual([
        [0, 0],
        [2, 2 * size],
      ]);
    });

    it.each([['\\Unknown'], ['a b'], ['a]b'], ['a(b'], ['é'], ['']])(
      'a flag that cannot be one is refused: %j',
      async (flag) => {
        const folder = await openFolder(use.mailbox);
        const changed = await folder.changeFlags(asUids(1), { kind: 'add', flags: [flag] });
        expect(reasonOf(changed)).toBe('not-permitted');
      },
    );

    it('keywords of a mailbox and flags of a message are bounded', async () => {
      use.harness.setLimits({ keywordCount: 3, flagsPerMessage: 3 });
      const folder = await openFolder(use.mailbox);
      const set = async (...flags: string[]) =>
        folder.changeFlags(asUids(1), { kind: 'add', flags });
      expect((await set('k1', 'k2')).ok).toBe(true);
      expect(reasonOf(await set('\\Seen', '\\Draft'))).toBe('too-many');
      expect((await set('k3')).ok).toBe(true);
      expect(reasonOf(await set('k4'))).toBe('too-many');
      expect(flagsOf(folder, asUid(1))).toEqual(['k1', 'k2', 'k3']);
    });

    it('a folder opened read-only refuses changes', async () => {
      const folder = await openFolder(use.mailbox, 'INBOX', true);
      const outcomes: Outcome<unknown>[] = [
        await folder.changeFlags(asUids(1), { kind: 'add', flags: ['\\Seen'] }),
        await folder.expunge(undefined),
        await folder.move(asUids(1), 'Sent'),
      ];
      expect(reasonsOf(outcomes)).toEqual(Array(3).fill('not-permitted'));
      expect((await folder.copy(asUids(1), 'Sent')).ok).toBe(true);
    });
  });
}
