/** What is told to whom, and when. */
import { describe, expect, it } from 'vitest';
import type { MailboxEvent } from '../../api.ts';
import { append, asUids, makeMessage, openFolder, openMailbox, valueOf } from '../mail-steps.ts';
import { useStore, type OpenHarness } from './contract-store.ts';

export function describePublication(open: OpenHarness): void {
  const use = useStore(open);

  describe(`publication`, () => {
    it('tells every holder after the change is visible, never within a call', async () => {
      const first = await openFolder(use.mailbox);
      const second = await openFolder(use.mailbox, 'INBOX', true);
      const told: string[] = [];
      const end = first.subscribe(() => told.push(`first ${first.index.uids.length}`));
      second.subscribe(() => told.push(`second ${second.index.uids.length}`));
      const appended = append(use.mailbox, makeMessage('a'));
      expect(told).toEqual([]);
      await appended;
      expect(told).toEqual(['first 1', 'second 1']);
      end();
      second.close();
      await append(use.mailbox, makeMessage('b'));
      expect(told).toHaveLength(2);
    });

    it('what is recent is so for the first to open for writing', async () => {
      await append(use.mailbox, makeMessage('a'));
      await append(use.mailbox, makeMessage('b'));
      expect(valueOf(await use.mailbox.statusOf('INBOX')).recentCount).toBe(2);
      const reader = await openFolder(use.mailbox, 'INBOX', true);
      const writer = await openFolder(use.mailbox);
      const later = await openFolder(use.mailbox);
      expect([reader, writer, later].map((folder) => folder.firstRecentUid)).toEqual([1, 1, 3]);
      await append(use.mailbox, makeMessage('c'));
      expect(valueOf(await use.mailbox.statusOf('INBOX')).recentCount).toBe(0);
      for (const folder of [reader, writer, later]) folder.close();
      await append(use.mailbox, makeMessage('d'));
      expect(valueOf(await use.mailbox.statusOf('INBOX')).recentCount).toBe(1);
      await use.restart();
      expect((await openFolder(use.mailbox)).firstRecentUid).toBe(4);
    });

    it('counts stay right in a folder that nobody has open', async () => {
      const folder = await openFolder(use.mailbox);
      await append(use.mailbox, makeMessage('a'), { flags: ['\\Seen'] });
      await append(use.mailbox, makeMessage('b'));
      await folder.copy(asUids(1, 2), 'Sent');
      const status = valueOf(await use.mailbox.statusOf('Sent'));
      expect(status).toMatchObject({ messageCount: 2, unseenCount: 1, recentCount: 2, uidNext: 3 });
      expect(status.totalBytes).toBe(makeMessage('a').length + makeMessage('b').length);
    });
  });

  describe(`events of the whole mailbox`, () => {
    it('tell what happened, in order, also in folders that nobody has open', async () => {
      const events: MailboxEvent[] = [];
      const end = use.mailbox.subscribeMailbox((event) => void events.push(event));
      const taken = (): MailboxEvent[] => events.splice(0);
      await append(use.mailbox, makeMessage('a'), { path: 'Sent' });
      expect(taken()).toEqual([{ kind: 'messages', path: 'Sent' }]);
      const folder = await openFolder(use.mailbox, 'Sent');
      await folder.changeFlags(asUids(1), { kind: 'add', flags: ['\\Seen'] });
      await folder.changeFlags(asUids(1), { kind: 'add', flags: ['\\Seen'] });
      expect(taken()).toEqual([{ kind: 'messages', path: 'Sent' }]);
      await folder.move(asUids(1), 'INBOX');
      expect(taken().toSorted((a, b) => (String(a.path) < String(b.path) ? -1 : 1))).toEqual([
        { kind: 'messages', path: 'INBOX' },
        { kind: 'messages', path: 'Sent' },
      ]);
      valueOf(await use.mailbox.createFolder('A/B', true));
      expect(taken()).toEqual([
        { kind: 'created', path: 'A' },
        { kind: 'created', path: 'A/B' },
      ]);
      valueOf(await use.mailbox.renameFolder('A', 'C'));
      expect(taken()).toEqual([
        { kind: 'renamed', path: 'C', oldPath: 'A' },
        { kind: 'renamed', path: 'C/B', oldPath: 'A/B' },
      ]);
      valueOf(await use.mailbox.deleteFolder('C'));
      expect(taken()).toEqual([
        { kind: 'deleted', path: 'C' },
        { kind: 'created', path: 'C' },
      ]);
      valueOf(await use.mailbox.setSubscribed('C/B', true));
      valueOf(await use.mailbox.setSubscribed('C/B', false));
      valueOf(
        await use.mailbox.setMetadata(undefined, new Map([['/private/x', Buffer.from('1')]])),
      );
      valueOf(await use.mailbox.setMetadata('C/B', new Map([['/private/x', Buffer.from('1')]])));
      valueOf(await use.mailbox.setSpecialUse('C/B', '\\Junk'));
      valueOf(await use.mailbox.setAcl('C/B', 'bob', 'l'));
      expect(taken()).toEqual([
        { kind: 'subscribed', path: 'C/B' },
        { kind: 'unsubscribed', path: 'C/B' },
        { kind: 'metadata', path: undefined },
        { kind: 'metadata', path: 'C/B' },
        { kind: 'metadata', path: 'C/B' },
        { kind: 'rights', path: 'C/B' },
      ]);
      end();
      await append(use.mailbox, makeMessage('b'));
      expect(taken()).toEqual([]);
    });

    it('come after the change is visible, to every holder until it closes', async () => {
      const other = await openMailbox(use.harness.store);
      const seen: number[] = [];
      const look = async (): Promise<void> => {
        seen.push(use.mailbox.usage.messageCount);
      };
      other.subscribeMailbox(() => void look());
      use.mailbox.subscribeMailbox(() => void look());
      const appended = append(use.mailbox, makeMessage('a'));
      expect(seen).toEqual([]);
      await appended;
      expect(seen).toEqual([1, 1]);
      other.close();
      await append(use.mailbox, makeMessage('b'));
      expect(seen).toEqual([1, 1, 2]);
    });
  });
}
