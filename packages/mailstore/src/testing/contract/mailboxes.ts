/** Opening mailboxes: what a new one has, epochs, users that share one. */
import { describe, expect, it } from 'vitest';
import { append, makeMessage, openMailbox, reasonOf, valueOf } from '../mail-steps.ts';
import { useStore, type OpenHarness } from './contract-store.ts';

export function describeMailboxes(open: OpenHarness): void {
  const use = useStore(open);

  describe(`mailboxes`, () => {
    it('a new mailbox has INBOX and the default folders', async () => {
      expect(await use.mailbox.listFolders()).toEqual([
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
      expect(reasonOf(await use.harness.store.openMailbox('ACCOUNT2', options))).toBe(
        'nonexistent',
      );
      const both = await Promise.all([
        use.harness.store.openMailbox('ACCOUNT2', options),
        use.harness.store.openMailbox('ACCOUNT2', { epoch: 1, create: true }),
      ]);
      expect(both.map((outcome) => outcome.ok)).toEqual([false, true]);
    });

    it.each(['', '..', '../x', 'a/b', '.x', 'x'.repeat(129)])(
      'an account id that could leave its folder is refused: %j',
      async (accountId) => {
        const opened = await use.harness.store.openMailbox(accountId, { epoch: 1, create: true });
        expect(reasonOf(opened)).toBe('nonexistent');
      },
    );

    it('a lower epoch is stale, a higher one is ahead until it is adopted', async () => {
      const { store } = use.harness;
      expect(reasonOf(await store.openMailbox('ACCOUNT1', { epoch: 0, create: true }))).toBe(
        'stale-epoch',
      );
      expect(reasonOf(await store.openMailbox('ACCOUNT1', { epoch: 3, create: true }))).toBe(
        'epoch-ahead',
      );
      expect((await store.adoptEpoch('ACCOUNT1', 3)).ok).toBe(true);
      expect(reasonOf(await store.adoptEpoch('ACCOUNT1', 2))).toBe('stale-epoch');
      expect(use.mailbox.epoch).toBe(3);
      use.mailbox.close();
      await use.harness.restart();
      const reopened = await use.harness.store.openMailbox('ACCOUNT1', { epoch: 3, create: false });
      expect(valueOf(reopened).epoch).toBe(3);
    });

    it('users of one mailbox see one state', async () => {
      const other = await openMailbox(use.harness.store);
      await append(use.mailbox, makeMessage('a'));
      use.mailbox.close();
      expect(valueOf(await other.statusOf('INBOX')).messageCount).toBe(1);
      expect(other.usage.messageCount).toBe(1);
    });
  });
}
