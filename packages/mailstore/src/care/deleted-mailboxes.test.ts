/** Mailboxes of deleted accounts: aside, back, gone. */
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mailboxLayout } from '../mailbox-layout.ts';
import {
  append,
  asUid,
  makeMessage,
  openFolder,
  openMailbox,
  present,
  readMessage,
  reasonOf,
  tryAppend,
  valueOf,
} from '../testing/mail-steps.ts';
import { openSqliteHarness, type SqliteHarness } from '../testing/sqlite-harness.ts';
import { backupMailbox } from './backup-mailbox.ts';
import {
  deleteMailbox,
  listDeletedMailboxes,
  purgeDeletedMailboxes,
  undeleteMailbox,
} from './deleted-mailboxes.ts';
import { restoreMailbox } from './restore-mailbox.ts';

let harness: SqliteHarness;

const place = (accountId: string) => ({ root: harness.root, accountId });

beforeEach(async () => {
  harness = await openSqliteHarness();
});

afterEach(async () => {
  await harness.dispose();
});

async function makeMailbox(accountId: string, word: string): Promise<void> {
  const mailbox = await openMailbox(harness.store, accountId);
  await append(mailbox, makeMessage(word, 300_000));
  mailbox.close();
}

describe('a deleted mailbox', () => {
  it('is refused to all that had it open, and can be had again', async () => {
    const { store } = harness;
    const mailbox = await openMailbox(store, 'A.b-1');
    await append(mailbox, makeMessage('kept', 300_000));
    valueOf(await store.deleteMailbox('A.b-1'));
    expect(reasonOf(await tryAppend(mailbox, makeMessage('late')))).toBe('unavailable');
    mailbox.close();
    const options = { epoch: 1, create: false };
    expect(reasonOf(await store.openMailbox('A.b-1', options))).toBe('nonexistent');
    expect(reasonOf(await store.deleteMailbox('A.b-1'))).toBe('nonexistent');
    const back = valueOf(await undeleteMailbox(place('A.b-1')));
    expect(back.accountId).toBe('A.b-1');
    const again = valueOf(await store.openMailbox('A.b-1', options));
    const folder = await openFolder(again);
    expect(await readMessage(folder, asUid(1))).toEqual(makeMessage('kept', 300_000));
    again.close();
    expect(await listDeletedMailboxes(harness.root)).toEqual([]);
  });

  it('leaves none of its UIDVALIDITYs to the next one, whatever the clock says', async () => {
    const uidValiditiesOf = async (): Promise<number[]> => {
      const mailbox = await openMailbox(harness.store, 'A');
      // More folders than seconds have passed.
      for (const path of ['a', 'b', 'c']) await mailbox.createFolder(path, true);
      const paths = (await mailbox.listFolders()).map(({ path }) => path);
      const states = await Promise.all(paths.map((path) => mailbox.statusOf(path)));
      mailbox.close();
      return states.map((state) => valueOf(state).uidValidity);
    };
    const before = await uidValiditiesOf();
    valueOf(await harness.store.deleteMailbox('A'));
    const after = await uidValiditiesOf();
    expect(Math.min(...after)).toBeGreaterThan(Math.max(...before));
  });

  it('makes room for a new one, and then comes back only when that is gone, too', async () => {
    await makeMailbox('A', 'first');
    valueOf(await harness.store.deleteMailbox('A'));
    harness.clock.advance(1000);
    await makeMailbox('A', 'second');
    expect(reasonOf(await undeleteMailbox(place('A')))).toBe('already-exists');
    valueOf(await harness.store.deleteMailbox('A'));
    const found = await listDeletedMailboxes(harness.root);
    expect(found.map(({ accountId }) => accountId)).toEqual(['A', 'A']);
    const oldest = present(found.at(-1));
    valueOf(await undeleteMailbox({ ...place('A'), deletedMs: oldest.deletedMs }));
    const folder = await openFolder(await openMailbox(harness.store, 'A'));
    expect(await readMessage(folder, asUid(1))).toEqual(makeMessage('first', 300_000));
  });

  it('comes back beyond what came after it, if that could be seen', async () => {
    const { store } = harness;
    const target = join(harness.root, '..', 'backup');
    await makeMailbox('A', 'first');
    valueOf(await backupMailbox({ ...place('A'), target, nowMs: 1 }));
    valueOf(await store.deleteMailbox('A'));
    const oldest = present((await listDeletedMailboxes(harness.root))[0]);
    harness.clock.advance(1000);
    valueOf(await restoreMailbox({ ...place('A'), source: target, nowMs: 1 }));
    const mailbox = await openMailbox(store, 'A');
    const seenUid = await append(mailbox, makeMessage('seen'));
    const seen = await openFolder(mailbox);
    mailbox.close();
    valueOf(await store.deleteMailbox('A'));
    valueOf(await undeleteMailbox({ ...place('A'), deletedMs: oldest.deletedMs }));
    const again = await openMailbox(store, 'A');
    const folder = await openFolder(again);
    expect(folder.uidValidity).toBe(seen.uidValidity);
    expect(folder.index.highestModSeq).toBeGreaterThan(seen.index.highestModSeq);
    expect(await append(again, makeMessage('other'))).toBeGreaterThan(seenUid);
  });

  it('tells those who have it open', async () => {
    const mailbox = await openMailbox(harness.store, 'A');
    let toldCount = 0;
    mailbox.onBroken(() => (toldCount += 1));
    valueOf(await harness.store.deleteMailbox('A'));
    expect(toldCount).toBe(1);
    expect(mailbox.isBroken).toBe(true);
    mailbox.close();
  });

  it('has who opens it wait while it is cared for', async () => {
    const mailbox = await openMailbox(harness.store, 'A');
    const steps: string[] = [];
    const work = Promise.withResolvers<string>();
    const cared = harness.store.whileClosed('A', async () => {
      steps.push(mailbox.isBroken ? 'cared for alone' : 'cared for in use');
      return work.promise;
    });
    const opening = openMailbox(harness.store, 'A').then((opened) => {
      steps.push('opened');
      opened.close();
    });
    work.resolve('done');
    expect(await cared).toEqual({ ok: true, value: 'done' });
    await opening;
    expect(steps).toEqual(['cared for alone', 'opened']);
    mailbox.close();
  });

  it('opens again after care that failed', async () => {
    const failing = harness.store.whileClosed('A', () => Promise.reject(new Error('no')));
    await expect(failing).rejects.toThrow('no');
    (await openMailbox(harness.store, 'A')).close();
    await harness.store.close();
    const late = await harness.store.whileClosed('A', async () => 1);
    expect(reasonOf(late)).toBe('unavailable');
  });

  it('is purged once it is old enough', async () => {
    for (const accountId of ['A', 'B', 'C']) {
      await makeMailbox(accountId, accountId);
      valueOf(await harness.store.deleteMailbox(accountId));
      harness.clock.advance(1000);
    }
    const [, middle] = await listDeletedMailboxes(harness.root);
    const deletedBeforeMs = present(middle).deletedMs;
    const purged = await purgeDeletedMailboxes({ root: harness.root, deletedBeforeMs });
    expect(purged.map(({ accountId }) => accountId)).toEqual(['A']);
    expect(readdirSync(join(harness.root, 'deleted'))).toHaveLength(2);
    expect(reasonOf(await undeleteMailbox(place('A')))).toBe('nonexistent');
    expect((await undeleteMailbox(place('B'))).ok).toBe(true);
  });

  it('is not made of one that a worker has open, or that is not there', async () => {
    const mailbox = await openMailbox(harness.store, 'A');
    const nowMs = 5;
    expect(reasonOf(await deleteMailbox({ ...place('A'), nowMs }))).toBe('locked');
    expect(reasonOf(await deleteMailbox({ ...place('B'), nowMs }))).toBe('nonexistent');
    expect(reasonOf(await deleteMailbox({ ...place('..'), nowMs }))).toBe('nonexistent');
    mailbox.close();
    await harness.restart();
    expect((await deleteMailbox({ ...place('A'), nowMs })).ok).toBe(true);
  });

  it('comes back where the making of another was cut short', async () => {
    await makeMailbox('A', 'kept');
    valueOf(await harness.store.deleteMailbox('A'));
    mkdirSync(present(mailboxLayout(harness.root, 'A')).messages, { recursive: true });
    expect((await undeleteMailbox(place('A'))).ok).toBe(true);
  });
});
