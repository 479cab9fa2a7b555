/** Closing a store with hundreds of mailboxes open: a bounded number of syncs, and nothing lost. */
import { statSync } from 'node:fs';
import { nodeStoreFiles, type StoreFiles } from '@homeward/durable-store';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { verifyMailbox } from './care/verify-mailbox.ts';
import { mailboxLayout } from './mailbox-layout.ts';
import { createInlineMaintenance, type Maintenance } from './maintenance.ts';
import {
  append,
  asUid,
  makeMessage,
  openFolder,
  openMailbox,
  present,
  readMessage,
  valueOf,
} from './testing/mail-steps.ts';
import { createPlainDescriber } from './testing/plain-describer.ts';
import { openSqliteHarness, type SqliteHarness } from './testing/sqlite-harness.ts';

const MAILBOX_COUNT = 200;
/** Of those, as the store has it. */
const WRITTEN_BACK_COUNT = 64;

let harness: SqliteHarness;
const counts = { logSyncs: 0, writeBacks: 0 };

const accounts = Array.from({ length: MAILBOX_COUNT }, (_, at) => `ACCOUNT${at}`);

const countingFiles: StoreFiles = {
  ...nodeStoreFiles,
  async openLog(path) {
    const file = await nodeStoreFiles.openLog(path);
    return {
      sync: () => {
        counts.logSyncs += 1;
        return file.sync();
      },
      readSalts: () => file.readSalts(),
      close: () => file.close(),
    };
  },
};

function createCountingMaintenance(): Maintenance {
  const maintenance = createInlineMaintenance();
  return {
    ...maintenance,
    hold: (path) => {
      counts.writeBacks += 1;
      return maintenance.hold(path);
    },
  };
}

function logBytes(accountId: string): number {
  const path = present(mailboxLayout(harness.root, accountId)).wal;
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

async function countFindings(accountId: string): Promise<number> {
  const place = { root: harness.root, accountId, epoch: 1, nowMs: 0 };
  const request = { ...place, isMending: false, describe: createPlainDescriber };
  return valueOf(await verifyMailbox(request)).findingCount;
}

async function forEachAccount(work: (accountId: string) => Promise<void>): Promise<void> {
  await Promise.all(accounts.map(work));
}

describe('closing a store with a fresh message in each of many mailboxes', () => {
  beforeEach(async () => {
    harness = await openSqliteHarness({
      files: countingFiles,
      maintenance: createCountingMaintenance(),
    });
    harness.setLimits({ openMailboxCount: MAILBOX_COUNT });
    await forEachAccount(async (accountId) => {
      const mailbox = await openMailbox(harness.store, accountId);
      await append(mailbox, makeMessage(accountId));
      mailbox.close();
    });
    Object.assign(counts, { logSyncs: 0, writeBacks: 0 });
    await harness.restart();
  }, 60_000);

  afterEach(async () => {
    await harness.dispose();
  });

  it('writes back a few and leaves the logs of the rest, where all is found again', async () => {
    expect(counts.writeBacks).toBe(WRITTEN_BACK_COUNT);
    // What was put off of each message, and nothing else.
    expect(counts.logSyncs).toBe(MAILBOX_COUNT);
    const left = accounts.filter((accountId) => logBytes(accountId) > 0);
    expect(left).toHaveLength(MAILBOX_COUNT - WRITTEN_BACK_COUNT);
    await forEachAccount(async (accountId) => {
      expect(await countFindings(accountId)).toBe(0);
      const mailbox = await openMailbox(harness.store, accountId);
      const read = await readMessage(await openFolder(mailbox), asUid(1));
      expect(read).toEqual(makeMessage(accountId));
      mailbox.close();
    });
    expect(harness.events.filter(({ code }) => code !== undefined)).toEqual([]);
  }, 60_000);
});
