import { writeFile } from 'node:fs/promises';
import {
  createTempFolder,
  findFreePort,
  startPrivateRedis,
  startProcess,
  type PrivateRedis,
} from '@homeward/testkit';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import {
  asVersion1,
  changeOf,
  createAccount,
  createClaim,
  createSecrets,
  createSite,
  describeDirectoryDriver,
  type DriverContractHarness,
} from '../testing/driver-contract.ts';
import {
  DirectoryUnavailableError,
  type AccountId,
  type DirectoryChange,
  type SessionClaim,
} from '../ports.ts';
import type { DirectoryDriver } from '../directory-driver.ts';
import { createDirectoryView, type LoginLookup } from '../cache/directory-view.ts';
import { createKeyLayout } from './key-layout.ts';
import { openRedisDirectory, type RedisDirectoryOptions } from './redis-directory.ts';

let server: PrivateRedis;
let clusterServer: PrivateRedis;
let admin: Redis;
let prefixNumber = 0;

beforeAll(async () => {
  server = await startPrivateRedis({ isDurable: true });
  admin = new Redis(server.url);
  admin.on('error', () => undefined);
  // One node that has all slots: enough to refuse what does not keep to one slot.
  clusterServer = await startPrivateRedis({
    isDurable: true,
    args: [
      ...['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1'],
      ...['--cluster-port', String(await findFreePort())],
    ],
  });
  const clusterAdmin = new Redis(clusterServer.url);
  await clusterAdmin.cluster('ADDSLOTSRANGE', 0, 16_383);
  // A Cluster node waits two seconds before it takes writes.
  const isUp = async (): Promise<void> =>
    expect(await clusterAdmin.cluster('INFO')).toContain('cluster_state:ok');
  await vi.waitFor(isUp, { timeout: 10_000 });
  clusterAdmin.disconnect();
});
afterAll(async () => {
  admin.disconnect();
  await server.stop();
  await clusterServer.stop();
});

interface RedisHarness extends DriverContractHarness {
  readonly keyPrefix: string;
  open(options?: Partial<RedisDirectoryOptions>): Promise<DirectoryDriver>;
}

function createHarness(getServer: () => PrivateRedis, scheme: string): RedisHarness {
  prefixNumber += 1;
  const keyPrefix = `t${prefixNumber}`;
  const opened: DirectoryDriver[] = [];
  const url = getServer().url.replace('redis', scheme);
  return {
    keyPrefix,
    open: async (options = {}) => {
      const driver = await openRedisDirectory({
        url,
        keyPrefix,
        foundsWhenEmpty: true,
        ...options,
      });
      opened.push(driver);
      return driver;
    },
    takeAway: () => getServer().kill(),
    bringBack: () => getServer().restart(),
    dispose: async () => {
      for (const driver of opened) await driver.close();
    },
  };
}

async function withHarness(task: (harness: RedisHarness) => Promise<void>): Promise<void> {
  const harness = createHarness(() => server, 'redis');
  try {
    await task(harness);
  } finally {
    await harness.dispose();
  }
}

describeDirectoryDriver('Redis driver', () =>
  Promise.resolve(createHarness(() => server, 'redis')),
);
describeDirectoryDriver('Redis driver on a Cluster', () =>
  Promise.resolve(createHarness(() => clusterServer, 'redis+cluster')),
);

describe('Redis driver, alone', () => {
  test('a view follows changes, serves through an outage and reads anew after it', () =>
    withHarness(async (harness) => {
      const driver = await harness.open({ budgetMs: 300 });
      const writer = await harness.open({ budgetMs: 300 });
      await writer.putSite(createSite('dublin', 1));
      const anna = createAccount('anna');
      await writer.addAccount(anna, createSecrets('one'));
      const heard: DirectoryChange[] = [];
      driver.subscribe((change) => heard.push(change));
      const view = createDirectoryView(driver);
      const look = (): Promise<LoginLookup> => view.lookUpLogin(anna.address);
      const expectVersion = async (version: number): Promise<void> =>
        expect(await look()).toMatchObject({ kind: 'found', record: { account: { version } } });
      await vi.waitFor(() => expect(heard).toContainEqual(changeOf(anna)), { timeout: 1_000 });
      await expectVersion(1);
      heard.length = 0;
      await writer.setCredentials(anna.id, undefined);
      await vi.waitFor(() => expect(heard).toContainEqual(changeOf(anna)), { timeout: 1_000 });
      await expectVersion(2);
      await server.kill();
      try {
        await expectVersion(2);
        expect(await view.lookUpLogin('other')).toEqual({ kind: 'unavailable' });
      } finally {
        await server.restart();
      }
      await vi.waitFor(() => writer.setCredentials(anna.id, undefined), { timeout: 10_000 });
      await vi.waitFor(() => expectVersion(3), { timeout: 5_000 });
      view.close();
    }));

  test('a message that was lost is made up for within a second', () =>
    withHarness(async (harness) => {
      const driver = await harness.open();
      const heard: DirectoryChange[] = [];
      driver.subscribe((change) => heard.push(change));
      await admin.incr(createKeyLayout(harness.keyPrefix).changeCount);
      await vi.waitFor(() => expect(heard).toEqual([{ area: 'everything' }]), { timeout: 1_000 });
      await driver.setSetting('a', 1);
      await vi.waitFor(() => expect(heard.at(-1)).toEqual({ area: 'settings' }));
      expect(heard).toHaveLength(2);
    }));

  test('changes while the subscriber is cut off are made up for within a second', () =>
    withHarness(async (harness) => {
      const driver = await harness.open();
      const writer = await harness.open();
      const heard: DirectoryChange[] = [];
      driver.subscribe((change) => heard.push(change));
      for (let round = 0; round < 3; round += 1) {
        heard.length = 0;
        await admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
        await writer.setSetting('a', round);
        await vi.waitFor(() => expect(heard).not.toEqual([]), { timeout: 1_000 });
      }
    }));

  test('a counter that went back is told as "everything"', () =>
    withHarness(async (harness) => {
      const driver = await harness.open();
      await driver.setSetting('a', 1);
      await driver.setSetting('a', 2);
      const heard: DirectoryChange[] = [];
      driver.subscribe((change) => heard.push(change));
      await admin.set(createKeyLayout(harness.keyPrefix).changeCount, 1);
      await vi.waitFor(() => expect(heard).toContainEqual({ area: 'everything' }), {
        timeout: 1_000,
      });
    }));

  test('a Redis that does not answer is given up within the budget, and found again', () =>
    withHarness(async (harness) => {
      const driver = await harness.open({ budgetMs: 400 });
      const lastSyncMs = driver.inSyncAtMs() ?? 0;
      server.freeze();
      try {
        const startedAtMs = performance.now();
        await expect(driver.findAccountId('anna')).rejects.toThrow(DirectoryUnavailableError);
        expect(performance.now() - startedAtMs).toBeLessThan(900);
        // From now on the connection is known to be dead, and nobody waits for it any more.
        await vi.waitFor(async () => {
          const againAtMs = performance.now();
          await expect(driver.findAccountId('anna')).rejects.toThrow(DirectoryUnavailableError);
          expect(performance.now() - againAtMs).toBeLessThan(50);
        });
      } finally {
        server.thaw();
      }
      await vi.waitFor(() => driver.findAccountId('anna'), { timeout: 10_000 });
      await vi.waitFor(() => expect(driver.inSyncAtMs()).toBeGreaterThan(lastSyncMs), {
        timeout: 5_000,
      });
    }));

  test('openRedisDirectory() returns without a Redis, refuses, and heals when one is there', () =>
    withHarness(async (harness) => {
      await server.kill();
      const driver = await harness.open({ budgetMs: 200 });
      expect(driver.inSyncAtMs()).toBeUndefined();
      const lease = await driver.openLease('fe-1');
      const anna = createAccount('anna');
      expect(await lease.claim(createClaim(anna.id, 'c1'))).toBe(1);
      await expect(driver.getSettings()).rejects.toThrow(DirectoryUnavailableError);
      await expect(driver.getSettings()).rejects.toThrow(
        /^Redis at 127\.0\.0\.1:\d+ cannot be used/,
      );
      await server.restart();
      await vi.waitFor(() => driver.setSetting('a', 1), { timeout: 10_000 });
    }));

  test('a wrong password is told as such, without the password, and heals', async () => {
    const guarded = await startPrivateRedis({ args: ['--requirepass', 'r1ght'] });
    const told: [boolean, string][] = [];
    const driver = await openRedisDirectory({
      url: guarded.url.replace('//', '//:s3cret@'),
      budgetMs: 300,
      foundsWhenEmpty: true,
      onAvailability: (isAvailable, reason) => told.push([isAvailable, reason]),
    });
    await expect(driver.getSettings()).rejects.toThrow(/Redis answered WRONGPASS/);
    const guardedAdmin = new Redis(guarded.url, { password: 'r1ght' });
    await guardedAdmin.config('SET', 'requirepass', 's3cret');
    await vi.waitFor(() => driver.getSettings(), { timeout: 10_000 });
    expect(told.at(-1)).toEqual([true, 'connected']);
    expect(JSON.stringify(told)).toMatch(/WRONGPASS/);
    expect(JSON.stringify(told)).not.toMatch(/s3cret/);
    guardedAdmin.disconnect();
    await driver.close();
    await guarded.stop();
  });

  test('onAvailability tells of going and coming, once each', () =>
    withHarness(async (harness) => {
      const told: boolean[] = [];
      const driver = await harness.open({
        budgetMs: 300,
        onAvailability: (isAvailable) => told.push(isAvailable),
      });
      await server.kill();
      await vi.waitFor(() => expect(told).toContain(false));
      await server.restart();
      await vi.waitFor(() => driver.getSettings(), { timeout: 10_000 });
      expect(told[0]).toBe(true);
      expect(told.at(-1)).toBe(true);
    }));

  test('a schema of a later release is refused', () =>
    withHarness(async (harness) => {
      const { schema } = createKeyLayout(harness.keyPrefix);
      await admin.set(schema, 99);
      const driver = await harness.open({ budgetMs: 300 });
      await expect(driver.getSettings()).rejects.toThrow(/schema 99/);
      expect(await admin.get(schema)).toBe('99');
    }));

  test('what schema version 1 left is served, and takes delegates', () =>
    withHarness(async (harness) => {
      const keys = createKeyLayout(harness.keyPrefix);
      const anna = createAccount('anna');
      await admin.set(keys.schema, 1);
      await admin.hset(keys.sites, 'dublin', JSON.stringify(createSite('dublin', 1)));
      await admin.hset(keys.account(anna.id), 'record', asVersion1(anna), 'version', 1);
      const driver = await harness.open();
      expect(await driver.getAccount(anna.id)).toStrictEqual(anna);
      expect(await admin.get(keys.schema)).toBe('2');
      const delegates = [{ accountId: createAccount('berta').id, rights: ['full'] as const }];
      expect(await driver.replaceAccount({ ...anna, delegates }, 1)).toEqual({ ok: true });
      expect(await driver.listSharers(delegates[0]!.accountId)).toEqual([anna.id]);
    }));

  test('sessions of a killed process stop counting, and the next claim sweeps them away', () =>
    withHarness(async (harness) => {
      const driver = await harness.open({ leaseLifeMs: 60_000 });
      const keys = createKeyLayout(harness.keyPrefix);
      const anna = createAccount('anna');
      const lease = await driver.openLease('fe-1');
      await lease.claim(createClaim(anna.id, 'alive'));
      // What a killed worker leaves: entries, and a lease that nobody renews.
      await admin.hset(keys.sessionsOfAccount(anna.id), 'dead', 'doomed:1');
      await admin.hset(keys.sessionsOfLease('doomed:1'), 'dead', '{}');
      await admin.zadd(keys.leases, Date.now() + 700, 'doomed:1');
      await vi.waitFor(async () => expect(await driver.countSessions(anna.id)).toBe(2));
      await vi.waitFor(async () => expect(await driver.countSessions(anna.id)).toBe(1), {
        timeout: 3_000,
      });
      expect(await lease.claim(createClaim(anna.id, 'new'))).toBe(2);
      expect(await admin.hkeys(keys.sessionsOfAccount(anna.id))).not.toContain('dead');
    }));

  test('what Redis still has of a worker, and the worker ended, counts for nothing there', () =>
    withHarness(async (harness) => {
      const driver = await harness.open({ leaseLifeMs: 60_000 });
      const keys = createKeyLayout(harness.keyPrefix);
      const anna = createAccount('anna');
      const lease = await driver.openLease('fe-1');
      // What a failover leaves that took the releases and kept the claims.
      for (const ended of ['c1', 'c2', 'c3']) {
        await admin.hset(keys.sessionsOfAccount(anna.id), ended, lease.id);
      }
      expect(await lease.claim(createClaim(anna.id, 'c4'))).toBe(1);
    }));

  test('leases of dead workers are cleared up by the living', () =>
    withHarness(async (harness) => {
      const keys = createKeyLayout(harness.keyPrefix);
      const anna = createAccount('anna');
      await admin.hset(keys.sessionsOfAccount(anna.id), 'dead', 'doomed:1');
      const claim = JSON.stringify(createClaim(anna.id, 'dead'));
      await admin.hset(keys.sessionsOfLease('doomed:1'), 'dead', claim);
      await admin.zadd(keys.leases, Date.now() - 1, 'doomed:1');
      const driver = await harness.open({ leaseLifeMs: 300 });
      await driver.openLease('fe-1');
      await vi.waitFor(async () => {
        expect(await admin.exists(keys.sessionsOfLease('doomed:1'))).toBe(0);
        expect(await admin.exists(keys.sessionsOfAccount(anna.id))).toBe(0);
        expect(await admin.zscore(keys.leases, 'doomed:1')).toBeNull();
      });
    }));

  test('front ends of an earlier release count addresses beside, and leave nothing', () =>
    withHarness(async (harness) => {
      const keys = createKeyLayout(createKeyLayout(harness.keyPrefix).addressPrefix);
      // They count IPv6 whole; theirs ended without a word.
      for (const clientAddress of ['192.0.2.7', '2001:db8::7']) {
        const accountId = clientAddress as AccountId;
        const claim = { ...createClaim(accountId, clientAddress), clientAddress };
        await admin.hset(keys.sessionsOfAccount(accountId), clientAddress, 'earlier:1');
        await admin.hset(keys.sessionsOfLease('earlier:1'), clientAddress, JSON.stringify(claim));
      }
      await admin.zadd(keys.leases, Date.now() + 60_000, 'earlier:1');
      const driver = await harness.open({ leaseLifeMs: 300 });
      const lease = await driver.openAddressLease('fe-1');
      const from = (clientAddress: string): SessionClaim => ({
        ...createClaim(createAccount('anna').id, `new ${clientAddress}`),
        clientAddress,
      });
      expect(await lease.claim(from('192.0.2.7'))).toBe(2);
      expect(await lease.claim(from('2001:db8::7'))).toBe(1);
      await admin.zadd(keys.leases, Date.now() - 1, 'earlier:1');
      await vi.waitFor(async () => {
        expect(await admin.exists(keys.sessionsOfLease('earlier:1'))).toBe(0);
        expect(await admin.exists(keys.sessionsOfAccount('2001:db8::7' as AccountId))).toBe(0);
        expect(await admin.hlen(keys.sessionsOfAccount('192.0.2.7' as AccountId))).toBe(1);
      });
      // Theirs find ours by the claim, whatever it is counted as.
      const [ours = ''] = await admin.zrange(keys.leases, '0', '-1');
      const claims = await admin.hvals(keys.sessionsOfLease(ours));
      const counted = claims.map((text) => (JSON.parse(text) as SessionClaim).accountId);
      expect(counted.toSorted()).toEqual(['192.0.2.7', '2001:db8::/64']);
    }));

  test('a Redis that lost all sessions learns them again', () =>
    withHarness(async (harness) => {
      const keys = createKeyLayout(harness.keyPrefix);
      const driver = await harness.open({ leaseLifeMs: 300 });
      const anna = createAccount('anna');
      const lease = await driver.openLease('fe-1');
      await lease.claim(createClaim(anna.id, 'c1'));
      await admin.del(keys.leases, keys.sessionsOfAccount(anna.id));
      await vi.waitFor(async () => expect(await driver.countSessions(anna.id)).toBe(1));
    }));

  test('finds its Redis by Sentinel', async () => {
    await using folder = await createTempFolder('sentinel');
    const port = await findFreePort();
    await writeFile(folder.join('s.conf'), `sentinel monitor mail 127.0.0.1 ${server.port} 1\n`);
    const sentinel = startProcess('redis-server', {
      args: [folder.join('s.conf'), '--sentinel', '--port', String(port), '--dir', folder.path],
    });
    await sentinel.waitForLine(/\+monitor master mail/);
    const url = `redis+sentinel://127.0.0.1:${port}/mail`;
    const driver = await openRedisDirectory({
      url,
      keyPrefix: 'by-sentinel',
      foundsWhenEmpty: true,
    });
    const heard: DirectoryChange[] = [];
    driver.subscribe((change) => heard.push(change));
    await driver.setSetting('a', 1);
    await vi.waitFor(() => expect(heard).toContainEqual({ area: 'settings' }));
    const { settings } = createKeyLayout('by-sentinel');
    expect(await admin.hget(settings, 'a')).toBe('1');
    await driver.close();
    await sentinel.stop();
  });

  test('live sessions can be in a Redis of their own', () =>
    withHarness(async (harness) => {
      const sessions = await startPrivateRedis();
      const driver = await harness.open({ sessionUrl: sessions.url, budgetMs: 300 });
      const lease = await driver.openLease('fe-1');
      const anna = createAccount('anna');
      expect(await lease.claim(createClaim(anna.id, 'c1'))).toBe(1);
      const keys = createKeyLayout(harness.keyPrefix);
      expect(await admin.exists(keys.sessionsOfAccount(anna.id))).toBe(0);
      await sessions.stop();
      expect(await lease.claim(createClaim(anna.id, 'c2'))).toBe(2);
      expect(await driver.getSettings()).toEqual({});
    }));

  test('no error shows what was written', () =>
    withHarness(async (harness) => {
      const keys = createKeyLayout(harness.keyPrefix);
      const driver = await harness.open();
      await driver.putSite(createSite('dublin', 1));
      const anna = createAccount('anna');
      await driver.addAccount(anna, undefined);
      await admin.del(keys.changeCount);
      await admin.hset(keys.changeCount, 'wrong', 'type');
      const error: unknown = await driver
        .setCredentials(anna.id, createSecrets('s3cret'))
        .catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(DirectoryUnavailableError);
      expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('s3cret');
    }));
});
