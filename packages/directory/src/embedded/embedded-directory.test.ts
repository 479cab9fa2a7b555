import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { createTempFolder } from '@homeward/testkit';
import { describe, expect, test, vi } from 'vitest';
import {
  asVersion1,
  createAccount,
  createClaim,
  createSecrets,
  createSite,
  describeDirectoryDriver,
  type DriverContractHarness,
} from '../testing/driver-contract.ts';
import { createGroup } from '../testing/group-contract.ts';
import { DirectoryUnavailableError, type DirectoryChange, type SessionClaim } from '../ports.ts';
import type { DirectoryDriver } from '../directory-driver.ts';
import { openEmbeddedDirectory } from './embedded-directory.ts';
import { SCHEMA_STEPS } from './schema.ts';

async function createHarness(): Promise<DriverContractHarness & { readonly file: string }> {
  const folder = await createTempFolder('directory');
  const file = folder.join('directory.db');
  const opened: DirectoryDriver[] = [];
  let blocker: DatabaseSync | undefined;
  return {
    file,
    open: async (options = {}) => {
      const driver = await openEmbeddedDirectory({ file, ...options });
      opened.push(driver);
      return driver;
    },
    takeAway: async () => {
      blocker = new DatabaseSync(file);
      await vi.waitFor(() => blocker?.exec('BEGIN IMMEDIATE'));
    },
    bringBack: async () => {
      blocker?.close();
      blocker = undefined;
      await Promise.resolve();
    },
    dispose: async () => {
      blocker?.close();
      for (const driver of opened) await driver.close();
      await folder.remove();
    },
  };
}

describeDirectoryDriver('embedded driver', createHarness);

describe('embedded driver, alone', () => {
  test('openEmbeddedDirectory() rejects as unavailable where no file can be', async () => {
    const open = openEmbeddedDirectory({ file: '/nonexistent/folder/directory.db' });
    await expect(open).rejects.toThrow(DirectoryUnavailableError);
  });

  test('openEmbeddedDirectory() rejects a file that is no database, and leaves it', async () => {
    const folder = await createTempFolder('directory');
    await writeFile(folder.join('x.db'), 'not a database at all, but long enough to look at');
    const open = openEmbeddedDirectory({ file: folder.join('x.db') });
    await expect(open).rejects.toThrow(DirectoryUnavailableError);
    expect(await readFile(folder.join('x.db'), 'utf8')).toContain('not a database');
    await folder.remove();
  });

  test('openEmbeddedDirectory() refuses the file of a later release', async () => {
    const harness = await createHarness();
    const db = new DatabaseSync(harness.file);
    db.exec('PRAGMA user_version = 99');
    db.close();
    await expect(harness.open()).rejects.toThrow(/schema 99/);
    await harness.dispose();
  });

  test('openEmbeddedDirectory() upgrades the file of schema version 1 in place', async () => {
    const harness = await createHarness();
    const anna = createAccount('anna');
    const db = new DatabaseSync(harness.file);
    db.exec(SCHEMA_STEPS[0] ?? '');
    db.exec('PRAGMA user_version = 1');
    const site = JSON.stringify(createSite('dublin', 1));
    db.prepare('INSERT INTO sites VALUES (?, ?)').run('dublin', site);
    db.prepare('INSERT INTO accounts VALUES (?, ?, ?, 1, ?, NULL)').run(
      anna.id,
      anna.address,
      anna.home,
      asVersion1(anna),
    );
    db.close();
    const driver = await harness.open();
    expect(await driver.getAccount(anna.id)).toStrictEqual(anna);
    const delegates = [{ accountId: createAccount('berta').id, rights: ['full'] as const }];
    expect(await driver.replaceAccount({ ...anna, delegates }, 1)).toEqual({ ok: true });
    const again = await harness.open();
    expect(await again.listSharers(delegates[0]!.accountId)).toEqual([anna.id]);
    const all = createGroup('all');
    expect(await driver.addGroup(all)).toEqual({ ok: true });
    expect(await again.getGroup(all.id)).toStrictEqual(all);
    await harness.dispose();
  });

  test('a process of schema version 8 that still runs puts its sessions beside ours', async () => {
    const harness = await createHarness();
    const db = new DatabaseSync(harness.file);
    for (const step of SCHEMA_STEPS.slice(0, 8)) db.exec(step);
    db.exec('PRAGMA user_version = 8');
    const insert = 'INSERT OR REPLACE INTO sessions VALUES (?, ?, ?, ?)';
    const theirs = db.prepare(insert);
    const from = (conversationId: string, clientAddress: string): SessionClaim => ({
      ...createClaim(createAccount('anna').id, conversationId),
      clientAddress,
    });
    db.prepare('INSERT INTO leases VALUES (?, ?)').run('earlier:1', Date.now() + 60_000);
    const put = (claim: SessionClaim): unknown =>
      theirs.run(claim.accountId, claim.conversationId, 'earlier:1', JSON.stringify(claim));
    put(from('before', '192.0.2.7'));
    const driver = await harness.open();
    put(from('meanwhile', '192.0.2.7'));
    put(from('whole', '2001:db8::7'));
    const lease = await driver.openLease('fe-1');
    const addresses = await driver.openAddressLease('fe-1');
    for (const [address, count] of [
      ['192.0.2.7', 3],
      ['2001:db8::7', 1],
      ['2001:db8::8', 2],
    ] as const) {
      const claim = from(`ours ${address}`, address);
      await lease.claim(claim);
      expect(await addresses.claim(claim)).toBe(count);
    }
    const plan = db
      .prepare(
        `EXPLAIN QUERY PLAN SELECT count(*) FROM sessions WHERE coalesce(
           json_extract(claim, '$.clientNetwork'), json_extract(claim, '$.clientAddress')) = ?`,
      )
      .all('x');
    expect(JSON.stringify(plan)).toContain('sessions_by_client');
    db.close();
    await harness.dispose();
  });

  test('a record that cannot be read is unavailable, and the message does not show it', async () => {
    const harness = await createHarness();
    const driver = await harness.open();
    await driver.putSite(createSite('dublin', 1));
    const anna = createAccount('anna');
    await driver.addAccount(anna, createSecrets('s3cret'));
    const db = new DatabaseSync(harness.file);
    db.exec(`UPDATE accounts SET credentials = '{"argon2id":"s3cret"}'`);
    db.close();
    const error = await driver.loadLogin(anna.id).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DirectoryUnavailableError);
    expect(String(error)).not.toContain('s3cret');
    await harness.dispose();
  });

  test('a process that lags by more than the history hears "everything"', async () => {
    const harness = await createHarness();
    const driver = await harness.open();
    const other = await harness.open();
    const heard: DirectoryChange[] = [];
    other.subscribe((change) => heard.push(change));
    const db = new DatabaseSync(harness.file);
    db.exec('BEGIN IMMEDIATE');
    db.exec(`INSERT INTO changes (number, change) VALUES (5000, '{"area":"settings"}')`);
    db.exec('DELETE FROM changes WHERE number < 5000');
    db.exec('COMMIT');
    db.close();
    await vi.waitFor(() => expect(heard).toEqual([{ area: 'everything' }]), { timeout: 1_000 });
    await driver.setSetting('a', 1);
    await vi.waitFor(() => expect(heard.at(-1)).toEqual({ area: 'settings' }), { timeout: 1_000 });
    await harness.dispose();
  });

  test('sessions of a process that was killed stop counting when its lease expires', async () => {
    const harness = await createHarness();
    const driver = await harness.open({ leaseLifeMs: 300 });
    const anna = createAccount('anna');
    const child = spawn(process.execPath, [
      '--input-type=module',
      '--eval',
      `const { openEmbeddedDirectory } = await import(${JSON.stringify(import.meta.resolve('./embedded-directory.ts'))});
       const driver = await openEmbeddedDirectory({ file: ${JSON.stringify(harness.file)}, leaseLifeMs: 1500 });
       const lease = await driver.openLease('doomed');
       await lease.claim(${JSON.stringify(createClaim(anna.id, 'c1'))});
       console.log('claimed');
       setInterval(() => {}, 1000);`,
    ]);
    await once(child.stdout, 'data');
    expect(await driver.countSessions(anna.id)).toBe(1);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const isGone = async (): Promise<void> => expect(await driver.countSessions(anna.id)).toBe(0);
    await vi.waitFor(isGone, { timeout: 5_000 });
    const lease = await driver.openLease('fe-2');
    expect(await lease.claim(createClaim(anna.id, 'c2'))).toBe(1);
    await harness.dispose();
  });
});
