/** Folders: names, parents, renames, subscriptions, special uses (RFC 6154). */
import { describe, expect, it } from 'vitest';
import {
  append,
  asUid,
  asUids,
  listUids,
  makeMessage,
  openFolder,
  readMessage,
  reasonOf,
  tryAppend,
  valueOf,
} from '../mail-steps.ts';
import { useStore, type OpenHarness } from './contract-store.ts';

export function describeFolders(open: OpenHarness): void {
  const use = useStore(open);

  describe(`folders`, () => {
    it('makes missing parents', async () => {
      const id = valueOf(await use.mailbox.createFolder('A/B/C', true));
      expect(await use.paths()).toEqual(['A', 'A/B', 'A/B/C', 'INBOX', 'Sent']);
      expect(valueOf(await use.mailbox.statusOf('A/B/C')).mailboxId).toBe(id);
      expect(id).toMatch(/^[A-Za-z0-9_-]{1,255}$/);
      expect((await use.mailbox.listFolders()).filter((f) => f.hasChildren)).toHaveLength(2);
    });

    it('spells the inbox as INBOX, above its children as well', async () => {
      valueOf(await use.mailbox.createFolder('iNbOx/Lists', true));
      expect(await use.paths()).toContain('INBOX/Lists');
      expect(valueOf(await use.mailbox.statusOf('inbox/Lists')).messageCount).toBe(0);
      expect(reasonOf(await use.mailbox.createFolder('inbox', true))).toBe('already-exists');
      expect((await use.mailbox.createFolder('Inboxes', true)).ok).toBe(true);
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
      valueOf(await use.mailbox.createFolder('From', true));
      expect(reasonOf(await use.mailbox.createFolder(path, true))).toBe('invalid-name');
      expect(reasonOf(await use.mailbox.renameFolder('From', path))).toBe('invalid-name');
      expect(reasonOf(await use.mailbox.setSubscribed(path, true))).toBe('invalid-name');
    });

    it.each(['a b', 'Entwürfe', '日本語/メール', '.', '..', '"\\', '&', 'é'.repeat(500)])(
      'a name that is one is kept: %j',
      async (path) => {
        valueOf(await use.mailbox.createFolder(path, true));
        await use.restart();
        expect(await use.paths()).toContain(path);
      },
    );

    it('the number of folders is bounded', async () => {
      use.harness.setLimits({ folderCount: 4 });
      expect(reasonOf(await use.mailbox.createFolder('A/B/C', true))).toBe('too-many');
      expect((await use.mailbox.createFolder('A/B', true)).ok).toBe(true);
      expect(reasonOf(await use.mailbox.renameFolder('Sent', 'X/Y'))).toBe('too-many');
      expect(await use.paths()).toEqual(['A', 'A/B', 'INBOX', 'Sent']);
    });

    it('a folder with children stays as a mere parent, without its messages', async () => {
      valueOf(await use.mailbox.createFolder('A/B', true));
      const before = valueOf(await use.mailbox.statusOf('A'));
      await append(use.mailbox, makeMessage('a'), { path: 'A' });
      valueOf(await use.mailbox.deleteFolder('A'));
      expect(use.mailbox.usage.messageCount).toBe(0);
      const parent = (await use.mailbox.listFolders()).find(({ path }) => path === 'A');
      expect(parent).toMatchObject({ isSelectable: false, hasChildren: true });
      expect(reasonOf(await use.mailbox.openFolder('A', true))).toBe('nonexistent');
      expect(reasonOf(await use.mailbox.statusOf('A'))).toBe('nonexistent');
      expect(reasonOf(await tryAppend(use.mailbox, makeMessage('x'), { path: 'A' }))).toBe(
        'nonexistent',
      );
      expect(reasonOf(await use.mailbox.deleteFolder('A'))).toBe('has-children');
      valueOf(await use.mailbox.createFolder('A', true));
      const after = valueOf(await use.mailbox.statusOf('A'));
      expect(after.uidValidity).toBeGreaterThan(before.uidValidity);
      expect(after).toMatchObject({ messageCount: 0, uidNext: 1 });
      valueOf(await use.mailbox.deleteFolder('A/B'));
      valueOf(await use.mailbox.deleteFolder('A'));
      expect(await use.paths()).toEqual(['INBOX', 'Sent']);
    });

    it('a mere parent can be made, and is none of the selectable', async () => {
      valueOf(await use.mailbox.createFolder('P', false));
      expect(reasonOf(await use.mailbox.openFolder('P', true))).toBe('nonexistent');
      expect(reasonOf(await use.mailbox.createFolder('P', false))).toBe('already-exists');
      expect((await use.mailbox.createFolder('P', true)).ok).toBe(true);
    });

    it('refuses to delete what is not there, and INBOX', async () => {
      expect(reasonOf(await use.mailbox.deleteFolder('Nowhere'))).toBe('nonexistent');
      expect(reasonOf(await use.mailbox.deleteFolder('inbox'))).toBe('not-permitted');
    });

    it('a name used again has another UIDVALIDITY and object id', async () => {
      const seen = new Set<number>();
      const ids = new Set<string>();
      for (let round = 0; round < 3; round += 1) {
        ids.add(valueOf(await use.mailbox.createFolder('Again', true)));
        seen.add(valueOf(await use.mailbox.statusOf('Again')).uidValidity);
        await append(use.mailbox, makeMessage('a'), { path: 'Again' });
        valueOf(await use.mailbox.deleteFolder('Again'));
        if (round === 1) await use.restart();
      }
      expect([seen.size, ids.size]).toEqual([3, 3]);
    });

    it('holders of a deleted folder find it gone and empty', async () => {
      await append(use.mailbox, makeMessage('a'), { path: 'Sent' });
      const folder = await openFolder(use.mailbox, 'Sent');
      let toldCount = 0;
      folder.subscribe(() => (toldCount += 1));
      valueOf(await use.mailbox.deleteFolder('Sent'));
      expect(folder.isGone).toBe(true);
      expect(listUids(folder)).toEqual([]);
      expect(toldCount).toBeGreaterThan(0);
      const changed = await folder.changeFlags(asUids(1), { kind: 'add', flags: ['\\Seen'] });
      expect(reasonOf(changed)).toBe('nonexistent');
      expect(await folder.openMessage(asUid(1))).toBeUndefined();
      folder.close();
    });

    it('a rename takes all below along and keeps identities; holders follow', async () => {
      valueOf(await use.mailbox.createFolder('A/B/C', true));
      valueOf(await use.mailbox.createFolder('A-B', true));
      const uid = await append(use.mailbox, makeMessage('a'), { path: 'A/B' });
      const before = valueOf(await use.mailbox.statusOf('A/B'));
      const folder = await openFolder(use.mailbox, 'A/B');
      valueOf(await use.mailbox.renameFolder('A', 'X/Y'));
      expect(await use.paths()).toEqual(['A-B', 'INBOX', 'Sent', 'X', 'X/Y', 'X/Y/B', 'X/Y/B/C']);
      expect(folder.path).toBe('X/Y/B');
      expect(await readMessage(folder, uid)).toEqual(makeMessage('a'));
      const after = valueOf(await use.mailbox.statusOf('X/Y/B'));
      expect({ ...after, recentCount: 1 }).toEqual(before);
    });

    it('two folders can trade names', async () => {
      valueOf(await use.mailbox.createFolder('A', true));
      const [first, second] = [await use.mailbox.statusOf('A'), await use.mailbox.statusOf('Sent')];
      await Promise.all([
        use.mailbox.renameFolder('A', 'T'),
        use.mailbox.renameFolder('Sent', 'A'),
        use.mailbox.renameFolder('T', 'Sent'),
      ]);
      expect(await use.mailbox.statusOf('Sent')).toEqual(first);
      expect(await use.mailbox.statusOf('A')).toEqual(second);
    });

    it.each([
      ['Nowhere', 'X', 'nonexistent'],
      ['A', 'Sent', 'already-exists'],
      ['A', 'A', 'already-exists'],
      ['A', 'inbox', 'already-exists'],
      ['A', 'A/B/C', 'not-permitted'],
      ['A', `${'x'.repeat(499)}/${'y'.repeat(499)}`, 'invalid-name'],
    ])('renaming %s to %s is refused', async (from, to, reason) => {
      valueOf(await use.mailbox.createFolder('A/B', true));
      expect(reasonOf(await use.mailbox.renameFolder(from, to))).toBe(reason);
      expect(await use.paths()).toEqual(['A', 'A/B', 'INBOX', 'Sent']);
    });

    it('renaming INBOX moves its messages and leaves it and its children', async () => {
      valueOf(await use.mailbox.createFolder('INBOX/Child', true));
      for (const word of ['a', 'b']) await append(use.mailbox, makeMessage(word));
      const inbox = await openFolder(use.mailbox);
      valueOf(await use.mailbox.renameFolder('INBOX', 'Old/Mail'));
      expect(await use.paths()).toEqual(['INBOX', 'INBOX/Child', 'Old', 'Old/Mail', 'Sent']);
      expect(listUids(inbox)).toEqual([]);
      expect(inbox.index.uidNext).toBe(3);
      const old = await openFolder(use.mailbox, 'Old/Mail');
      expect(await readMessage(old, asUid(2))).toEqual(makeMessage('b'));
    });

    it('subscriptions are names that outlive folders', async () => {
      valueOf(await use.mailbox.setSubscribed('Not/Yet', true));
      valueOf(await use.mailbox.setSubscribed('inbox', false));
      valueOf(await use.mailbox.deleteFolder('Sent'));
      await use.restart();
      expect((await use.mailbox.listDeadSubscriptions()).toSorted()).toEqual(['Not/Yet', 'Sent']);
      valueOf(await use.mailbox.createFolder('Not/Yet', true));
      const subscribed = (await use.mailbox.listFolders()).filter((folder) => folder.isSubscribed);
      expect(subscribed.map(({ path }) => path)).toEqual(['Not/Yet']);
      valueOf(await use.mailbox.setSubscribed('Sent', false));
      expect(await use.mailbox.listDeadSubscriptions()).toEqual([]);
    });
  });

  describe(`special uses`, () => {
    const useOf = async (path: string) =>
      (await use.mailbox.listFolders()).find((folder) => folder.path === path)?.specialUse;

    it('are given at creation and later, survive renames and restarts, and are taken away', async () => {
      valueOf(await use.mailbox.createFolder('Old/Mail', true, '\\Archive'));
      valueOf(await use.mailbox.renameFolder('Old', 'New'));
      await use.restart();
      expect(await useOf('New/Mail')).toBe('\\Archive');
      valueOf(await use.mailbox.setSpecialUse('New/Mail', undefined));
      valueOf(await use.mailbox.setSpecialUse('New', '\\Archive'));
      expect([await useOf('New'), await useOf('New/Mail')]).toEqual(['\\Archive', undefined]);
    });

    it.each(['\\All', '\\Flagged', '\\Sent', '\\Other' as '\\All'] as const)(
      'are refused where they cannot be: %s',
      async (specialUse) => {
        expect(reasonOf(await use.mailbox.createFolder('A', true, specialUse))).toBe(
          'not-permitted',
        );
        expect(await use.paths()).toEqual(['INBOX', 'Sent']);
        valueOf(await use.mailbox.createFolder('A', true));
        expect(reasonOf(await use.mailbox.setSpecialUse('A', specialUse))).toBe('not-permitted');
        expect(reasonOf(await use.mailbox.setSpecialUse('INBOX', '\\Junk'))).toBe('not-permitted');
        expect([await useOf('A'), await useOf('INBOX')]).toEqual([undefined, undefined]);
      },
    );

    it('are free again once their folder is gone', async () => {
      valueOf(await use.mailbox.deleteFolder('Sent'));
      valueOf(await use.mailbox.createFolder('Outgoing', true, '\\Sent'));
      expect(reasonOf(await use.mailbox.setSpecialUse('Sent', undefined))).toBe('nonexistent');
      expect(reasonOf(await use.mailbox.createFolder('P', false, '\\Junk'))).toBe('not-permitted');
    });
  });
}
