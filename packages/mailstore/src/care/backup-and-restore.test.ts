/** Backups of a mailbox in use, what comes back of them, and what clients then see. */
import { readdirSync, rmSync, statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createSeededRandom, createTempFolder, type TempFolder } from '@homeward/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Mailbox, ModSeq } from '../api.ts';
import { mailboxLayout } from '../mailbox-layout.ts';
import { MailLedger } from '../testing/mail-ledger.ts';
import {
  append,
  asUid,
  asUids,
  listUids,
  makeMessage,
  openFolder,
  openMailbox,
  present,
  readMessage,
  reasonOf,
  valueOf,
} from '../testing/mail-steps.ts';
import { MailWorkload } from '../testing/mail-workload.ts';
import { openSqliteHarness, type SqliteHarness } from '../testing/sqlite-harness.ts';
import { backupMailbox } from './backup-mailbox.ts';
import { deleteMailbox } from './deleted-mailboxes.ts';
import { readSummary, restoreMailbox } from './restore-mailbox.ts';

const NOW_MS = 1_900_000_000_000;
let harness: SqliteHarness;
let folder: TempFolder;
let mailbox: Mailbox;

const place = (accountId: string = 'ACCOUNT1') => ({ root: harness.root, accountId });
const target = (name: string = 'backup'): string => folder.join(name);

beforeEach(async () => {
  folder = await createTempFolder('backup');
  harness = await openSqliteHarness();
  mailbox = await openMailbox(harness.store);
});

afterEach(async () => {
  await harness.dispose();
  await folder.remove();
});

async function backup(): Promise<ReturnType<typeof backupMailbox>> {
  return backupMailbox({ ...place(), target: target(), nowMs: NOW_MS });
}

/** Throws the mailbox away and opens what the backup has. */
async function restore(): Promise<void> {
  mailbox.close();
  await harness.restart();
  valueOf(await deleteMailbox({ ...place(), nowMs: NOW_MS }));
  valueOf(await restoreMailbox({ ...place(), source: target(), nowMs: NOW_MS }));
  mailbox = await openMailbox(harness.store);
}

describe('backupMailbox()', () => {
  it('copies a mailbox that is open, and restoreMailbox() brings it back', async () => {
    const large = makeMessage('large', 300_000);
    await append(mailbox, makeMessage('small'), { flags: ['\\Seen', '$Kept'] });
    await append(mailbox, large, { path: 'Sent' });
    valueOf(await mailbox.createFolder('A/B', true, '\\Junk'));
    valueOf(await mailbox.setMetadata('A/B', new Map([['/private/comment', Buffer.from('x')]])));
    const before = valueOf(await mailbox.statusOf('Sent'));
    const summary = valueOf(await backup());
    expect(summary).toMatchObject({ messageCount: 2, fileCount: 1, missingFiles: [] });
    expect(await readSummary(target())).toEqual(summary);
    await append(mailbox, makeMessage('too late'));
    await restore();
    const sent = await openFolder(mailbox, 'Sent');
    expect(await readMessage(sent, asUid(1))).toEqual(large);
    expect([sent.uidValidity, sent.mailboxId]).toEqual([before.uidValidity, before.mailboxId]);
    const inbox = await openFolder(mailbox);
    expect(listUids(inbox)).toEqual([1]);
    expect(inbox.index.flagsAt(0).names).toEqual(['\\Seen', '$Kept']);
    expect(valueOf(await mailbox.readMetadata('A/B')).size).toBe(2);
    expect(mailbox.usage).toEqual({ messageCount: 2, totalBytes: summary.totalBytes });
  });

  it('brings an earlier backup up to date, without what is gone', async () => {
    for (const name of ['a', 'b']) await append(mailbox, makeMessage(name, 300_000));
    await backup();
    const names = readdirSync(join(target(), 'messages'));
    const inodes = new Map(
      names.map((name) => [name, statSync(join(target(), 'messages', name)).ino]),
    );
    const inbox = await openFolder(mailbox);
    await inbox.changeFlags(asUids(2), { kind: 'add', flags: ['\\Deleted'] });
    await inbox.expunge(undefined);
    await append(mailbox, makeMessage('c', 300_000));
    valueOf(await backup());
    const later = readdirSync(join(target(), 'messages'));
    expect(later).toHaveLength(2);
    expect(later.filter((name) => names.includes(name))).toHaveLength(1);
    const kept = present(later.find((name) => names.includes(name)));
    expect(statSync(join(target(), 'messages', kept)).ino).toBe(inodes.get(kept));
    await restore();
    const restored = await openFolder(mailbox);
    expect(listUids(restored)).toEqual([1, 3]);
    expect(await readMessage(restored, asUid(3))).toEqual(makeMessage('c', 300_000));
  });

  it('is whole at one moment, whatever goes on meanwhile', async () => {
    const ledger = new MailLedger();
    const random = createSeededRandom(5);
    let isDone = false;
    const lanes = [0, 1].map(async (lane) => {
      const workload = new MailWorkload(mailbox, ledger, random, lane);
      while (!isDone) await workload.step();
    });
    for (let round = 0; round < 5; round += 1) {
      const summary = valueOf(await backup());
      expect(summary.missingFiles).toEqual([]);
      const accountId = `COPY${round}`;
      valueOf(await restoreMailbox({ ...place(accountId), source: target(), nowMs: NOW_MS }));
      const copy = await openMailbox(harness.store, accountId);
      expect(copy.usage.messageCount).toBe(summary.messageCount);
      for (const { path } of await copy.listFolders()) {
        const view = await openFolder(copy, path, true);
        for (const uid of listUids(view)) await readMessage(view, asUid(uid));
        view.close();
      }
      copy.close();
    }
    isDone = true;
    await Promise.all(lanes);
  }, 60_000);

  it('says which files the mailbox has lost', async () => {
    await append(mailbox, makeMessage('lost', 300_000));
    const { messages } = present(mailboxLayout(harness.root, 'ACCOUNT1'));
    const [name] = readdirSync(messages);
    rmSync(join(messages, present(name)));
    expect(valueOf(await backup())).toMatchObject({ fileCount: 0, missingFiles: [name] });
  });

  it('refuses what is not there', async () => {
    const request = { ...place('NOBODY'), target: target(), nowMs: NOW_MS };
    expect(reasonOf(await backupMailbox(request))).toBe('nonexistent');
  });

  it('leaves nothing on the volume but the mailboxes', async () => {
    await append(mailbox, makeMessage('a', 300_000));
    await backup();
    await restoreMailbox({ ...place('COPY'), source: target(), nowMs: NOW_MS });
    expect(readdirSync(harness.root).filter((name) => !/^[0-9a-f]{2}$/.test(name))).toEqual([]);
  });

  it('does not keep the mailbox from being opened', async () => {
    await append(mailbox, makeMessage('a'));
    mailbox.close();
    const backups = backup();
    await harness.restart();
    mailbox = await openMailbox(harness.store);
    await append(mailbox, makeMessage('b'));
    expect((await backups).ok).toBe(true);
    expect(listUids(await openFolder(mailbox))).toEqual([1, 2]);
  });
});

describe('restoreMailbox()', () => {
  it('gives no UID or mod-sequence again that a client may have seen', async () => {
    for (const word of ['a', 'b']) await append(mailbox, makeMessage(word));
    await backup();
    const folderBefore = await openFolder(mailbox);
    await append(mailbox, makeMessage('after'));
    await folderBefore.changeFlags(asUids(1), { kind: 'add', flags: ['\\Seen'] });
    valueOf(await mailbox.createFolder('After', true));
    const newValidity = valueOf(await mailbox.statusOf('After')).uidValidity;
    const seen = folderBefore.index.highestModSeq;
    await restore();
    const restored = await openFolder(mailbox);
    // A client that comes back with what it saw must ask anew, and gets every message's flags.
    expect(await restored.expungedSince(seen)).toBeUndefined();
    expect(restored.index.modSeqAt(0)).toBeGreaterThan(seen);
    expect(restored.index.highestModSeq).toBeGreaterThan(seen);
    expect(await restored.expungedSince(restored.index.highestModSeq)).toEqual([]);
    expect(await append(mailbox, makeMessage('new'))).toBeGreaterThan(3);
    valueOf(await mailbox.createFolder('After', true));
    expect(valueOf(await mailbox.statusOf('After')).uidValidity).not.toBe(newValidity);
    expect(await restored.expungedSince(1 as ModSeq)).toBeUndefined();
  });

  it('gives nothing again that came after an earlier restore', async () => {
    await append(mailbox, makeMessage('kept'));
    await backup();
    const seen: number[] = [];
    const seenModSeqs: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      mailbox.close();
      await harness.restart();
      valueOf(await deleteMailbox({ ...place(), nowMs: NOW_MS + round }));
      valueOf(await restoreMailbox({ ...place(), source: target(), nowMs: NOW_MS }));
      mailbox = await openMailbox(harness.store);
      seen.push(await append(mailbox, makeMessage(`new ${round}`)));
      seenModSeqs.push(Number((await openFolder(mailbox)).index.highestModSeq));
    }
    expect(new Set(seen).size).toBe(3);
    expect(new Set(seenModSeqs).size).toBe(3);
    expect(seenModSeqs).toEqual(seenModSeqs.toSorted((a, b) => a - b));
  });

  it('gives a new UIDVALIDITY to folders whose later UIDs nobody knows', async () => {
    valueOf(await mailbox.createFolder('Gone', true));
    await append(mailbox, makeMessage('kept'), { path: 'Gone' });
    await backup();
    const validityOf = async (path: string): Promise<number> =>
      valueOf(await mailbox.statusOf(path)).uidValidity;
    const before = { inbox: await validityOf('INBOX'), gone: await validityOf('Gone') };
    valueOf(await mailbox.deleteFolder('Gone'));
    await restore();
    expect(await validityOf('INBOX')).toBe(before.inbox);
    const gone = await validityOf('Gone');
    expect(gone).toBeGreaterThan(before.gone);
    expect(listUids(await openFolder(mailbox, 'Gone'))).toEqual([1]);
    // As after a purge, or on another volume.
    rmSync(join(harness.root, 'deleted'), { recursive: true });
    valueOf(await restoreMailbox({ ...place('COPY'), source: target(), nowMs: NOW_MS }));
    mailbox = await openMailbox(harness.store, 'COPY');
    expect(await validityOf('INBOX')).toBeGreaterThan(before.inbox);
  });

  it('refuses while there is a mailbox, and what is no backup', async () => {
    await backup();
    const request = { ...place(), source: target(), nowMs: NOW_MS };
    expect(reasonOf(await restoreMailbox(request))).toBe('already-exists');
    await mkdir(target('empty'));
    const empty = { ...place('OTHER'), source: target('empty'), nowMs: NOW_MS };
    expect(reasonOf(await restoreMailbox(empty))).toBe('nonexistent');
  });
});
