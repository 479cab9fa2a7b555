import { type Database, nodeStoreFiles, openDatabase, WalLog } from '@homeward/durable-store';
import { createFailingFiles } from '@homeward/durable-store/testing';
import { createTempFolder, type TempFolder } from '@homeward/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WriteGroup } from './write-group.ts';

let folder: TempFolder;
let database: Database;
let log: WalLog;
let syncCount: number;
let broken: string[];
let group: WriteGroup;
const files = createFailingFiles();

beforeEach(async () => {
  folder = await createTempFolder('write-group');
  database = openDatabase(folder.join('a.db'));
  database.exec('CREATE TABLE word (text TEXT NOT NULL) STRICT');
  log = await WalLog.open(
    database,
    { ...nodeStoreFiles, openLog: (path) => files.openLog(path) },
    folder.join('a.db-wal'),
  );
  syncCount = 0;
  broken = [];
  group = new WriteGroup({
    database,
    log,
    onBroken: (code) => void broken.push(code),
    onFull: () => undefined,
    onSynced: () => void (syncCount += 1),
  });
});

afterEach(async () => {
  files.failWith(undefined);
  await group.whenSettled();
  await log.close();
  database.close();
  await folder.remove();
});

const add = (text: string) => (): void => {
  database.statement('INSERT INTO word VALUES (?)').run(text);
};

function words(): readonly unknown[] {
  return database.statement('SELECT text FROM word').rows().flat();
}

describe('WriteGroup', () => {
  it('syncs once for all that come together', async () => {
    const texts = Array.from({ length: 50 }, (_, at) => `w${at}`);
    const written = await Promise.all(texts.map((text) => group.write(add(text))));
    expect(written.every(({ ok }) => ok)).toBe(true);
    expect(words()).toEqual(texts);
    expect(syncCount).toBe(1);
  });

  it('lets a bug in one job cost only that job', async () => {
    const jobs = [
      group.write(add('before')),
      group.write(() => {
        add('never')();
        throw new Error('a bug');
      }),
      group.write(add('after')),
    ];
    await expect(jobs[1]).rejects.toThrow('a bug');
    expect(await jobs[0]).toMatchObject({ ok: true });
    expect(await jobs[2]).toMatchObject({ ok: true });
    expect(words()).toEqual(['before', 'after']);
  });

  it('tells nobody of what was not synced, and takes nothing more', async () => {
    files.failWith('syncLog');
    expect(await group.write(add('lost'))).toEqual({ ok: false, reason: 'unavailable' });
    expect(await group.write(add('late'))).toEqual({ ok: false, reason: 'unavailable' });
    expect(broken).toEqual(['EIO']);
    await group.runAlone(() => Promise.reject(new Error('never')));
  });

  it('refuses a full volume and goes on when there is room', async () => {
    database.exec('PRAGMA max_page_count = 3');
    expect(await group.write(add('x'.repeat(50_000)))).toEqual({ ok: false, reason: 'full' });
    expect(await group.write(add('small'))).toMatchObject({ ok: true });
    expect(words()).toEqual(['small']);
    expect(broken).toEqual([]);
  });
});
