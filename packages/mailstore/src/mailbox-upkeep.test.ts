/** What goes on behind misses nothing that comes meanwhile. */
import { readdirSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { nodeStoreFiles } from '@homeward/durable-store';
import { mailboxLayout } from './mailbox-layout.ts';
import {
  append,
  asUids,
  makeMessage,
  openFolder,
  openMailbox,
  present,
  valueOf,
} from './testing/mail-steps.ts';
import { openSqliteHarness, type SqliteHarness } from './testing/sqlite-harness.ts';

let harness: SqliteHarness;

afterEach(async () => {
  await harness.dispose();
});

describe('the removal of garbage', () => {
  it('goes on to what comes while files are being removed', async () => {
    const begun = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    harness = await openSqliteHarness({
      files: {
        ...nodeStoreFiles,
        remove: async (path) => {
          begun.resolve();
          await gate.promise;
          await nodeStoreFiles.remove(path);
        },
      },
    });
    const mailbox = await openMailbox(harness.store);
    for (const name of ['a', 'b']) {
      await append(mailbox, makeMessage(name, 300_000), { flags: ['\\Deleted'] });
    }
    const inbox = await openFolder(mailbox);
    valueOf(await inbox.expunge(asUids(1)));
    harness.clock.advance(60_000);
    await begun.promise;
    valueOf(await inbox.expunge(asUids(2)));
    harness.clock.advance(60_000);
    gate.resolve();
    const { messages } = present(mailboxLayout(harness.root, 'ACCOUNT1'));
    // With the mailbox open: when it opens next, all of it is removed anyway.
    await vi.waitFor(() => expect(readdirSync(messages)).toEqual([]));
  });
});
