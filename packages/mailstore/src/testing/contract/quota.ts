/** What a mailbox may hold, on every way in. */
import { describe, expect, it } from 'vitest';
import {
  append,
  asUids,
  makeMessage,
  openFolder,
  openMailbox,
  reasonOf,
  tryAppend,
  valueOf,
} from '../mail-steps.ts';
import { useStore, type OpenHarness } from './contract-store.ts';

export function describeQuota(open: OpenHarness): void {
  const use = useStore(open);

  describe(`quota`, () => {
    it('counts messages and octets of all folders exactly, also after a restart', async () => {
      use.harness.setLimits({ mailboxMessageCount: 50 });
      for (const word of ['a', 'bb'])
        await append(use.mailbox, makeMessage(word), { flags: ['\\Deleted'] });
      const folder = await openFolder(use.mailbox);
      await folder.copy(asUids(1, 2), 'Sent');
      await folder.move(asUids(2), 'Sent');
      await folder.expunge(undefined);
      const used = 2 * makeMessage('bb').length + makeMessage('a').length;
      for (let round = 0; round < 2; round += 1) {
        expect(use.mailbox.readQuota()).toEqual({
          storageBytes: { used, limit: expect.any(Number) },
          messages: { used: 3, limit: 50 },
        });
        await use.restart();
      }
      use.harness.setLimits({ mailboxMessageCount: undefined });
      expect(use.mailbox.readQuota().messages.limit).toBeUndefined();
    });

    it('bounds the number of messages on every way in, but not what moves within', async () => {
      for (const word of ['a', 'b']) await append(use.mailbox, makeMessage(word));
      use.harness.setLimits({ mailboxMessageCount: 2 });
      const folder = await openFolder(use.mailbox);
      expect(reasonOf(await tryAppend(use.mailbox, makeMessage('c')))).toBe('over-quota');
      expect(reasonOf(await folder.copy(asUids(1), 'Sent'))).toBe('over-quota');
      expect(valueOf(await folder.move(asUids(1), 'Sent')).newUids).toEqual([1]);
      expect((await use.mailbox.renameFolder('INBOX', 'Old')).ok).toBe(true);
      expect(use.mailbox.usage.messageCount).toBe(2);
    });
  });

  describe(`a quota of its own`, () => {
    it('overrides the limits of the store, for all users, while the mailbox is open', async () => {
      const other = await openMailbox(use.harness.store);
      await append(use.mailbox, Buffer.alloc(500));
      use.mailbox.setQuota({ storageBytes: 1000, messages: undefined });
      expect(reasonOf(await tryAppend(other, Buffer.alloc(501)))).toBe('over-quota');
      expect(other.readQuota().storageBytes).toEqual({ used: 500, limit: 1000 });
      use.mailbox.setQuota({ storageBytes: undefined, messages: 1 });
      expect(reasonOf(await tryAppend(other, Buffer.alloc(1)))).toBe('over-quota');
      // Less than is there: nothing goes, nothing comes.
      use.mailbox.setQuota({ storageBytes: 1, messages: 1 });
      const folder = await openFolder(use.mailbox);
      expect(reasonOf(await folder.copy(asUids(1), 'Sent'))).toBe('over-quota');
      expect(valueOf(await folder.move(asUids(1), 'Sent')).newUids).toEqual([1]);
      use.mailbox.setQuota(undefined);
      expect((await tryAppend(use.mailbox, Buffer.alloc(5000))).ok).toBe(true);
      other.close();
    });
  });
}
