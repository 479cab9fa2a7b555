/**
 * The directory on Redis that fails over: a Sentinel group and a Cluster whose main is killed or
 * frozen while it is being read, written and counted in. Whatever happens, what is read is right
 * or unavailable, and limits do not open.
 */
import {
  startPrivateRedis,
  startRedisCluster,
  startRedisSentinels,
  type PrivateRedis,
  type RedisGroup,
} from '@homeward/testkit';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createDirectoryView } from '../cache/directory-view.ts';
import {
  DirectoryUnavailableError,
  RecordSetBackError,
  type AccountRecord,
  type SiteName,
} from '../ports.ts';
import type { DirectoryDriver } from '../directory-driver.ts';
import {
  createAccount,
  createClaim,
  createSecrets,
  createSite,
  describeDirectoryDriver,
} from '../testing/driver-contract.ts';
import { createKeyLayout } from './key-layout.ts';
import type { SetBackAccount } from './epoch-floors.ts';
import { openRedisDirectory, type RedisDirectoryOptions } from './redis-directory.ts';

const BUDGET_MS = 500;
/** What is promised: from the moment that another main serves until everything works again. */
const HEAL_LIMIT_MS = 4_000;

interface Kind {
  readonly name: string;
  start(): Promise<RedisGroup>;
}
const KINDS: readonly Kind[] = [
  { name: 'a Sentinel group', start: () => startRedisSentinels('secret-for-tests') },
  { name: 'a Cluster', start: () => startRedisCluster() },
];
/** How a main is lost, and what has to be done after. */
const LOSSES: readonly (readonly [
  string,
  (main: PrivateRedis) => Promise<void> | void,
  (main: PrivateRedis) => Promise<void> | void,
])[] = [
  ['killed', (main) => main.kill(), (main) => main.restart()],
  ['frozen', (main) => main.freeze(), (main) => main.thaw()],
];

describe.each(KINDS)('the directory on $name', { timeout: 60_000 }, ({ start }) => {
  let group: RedisGroup;
  let prefixNumber = 0;
  beforeAll(async () => {
    group = await start();
  }, 60_000);
  afterAll(() => group.stop());

  function open(keyPrefix: string): Promise<DirectoryDriver> {
    const { url, password } = group;
    const secrets = { password, sentinelPassword: password };
    return openRedisDirectory({
      url,
      keyPrefix,
      budgetMs: BUDGET_MS,
      leaseLifeMs: 3_000,
      foundsWhenEmpty: true,
      ...secrets,
    });
  }

  test.each(LOSSES)(
    'whose main is %s loses no limit and reads nothing wrong',
    async (_how, lose, mend) => {
      const keyPrefix = `failover${(prefixNumber += 1)}`;
      await group.waitUntilWhole();
      const keys = createKeyLayout(keyPrefix);
      await using stack = new AsyncDisposableStack();
      const opened = async (): Promise<DirectoryDriver> => {
        const driver = await open(keyPrefix);
        stack.defer(() => driver.close());
        return driver;
      };
      const [first, second] = [await opened(), await opened()];
      const view = createDirectoryView(first, { maxAgeWhenAwayMs: 0 });
      stack.defer(() => view.close());
      await first.putSite(createSite('dublin', 1));
      await first.putSite(createSite('oslo', 1));
      const anna = createAccount('anna');
      expect(await first.addAccount(anna, createSecrets('one'))).toEqual({ ok: true });
      const lease = await first.openLease('first');
      const other = await second.openLease('second');
      for (let count = 1; count <= 3; count += 1) {
        expect(await lease.claim(createClaim(anna.id, `first-${count}`))).toBe(count);
      }

      const main = await group.findMain(keys.changeCount);
      // What was acknowledged a moment before is lost with a main: Redis replicates behind.
      await group.waitUntilWhole();
      await lose(main);
      // Logins go on all the while: what they read is right, or they are told to wait.
      const moved: AccountRecord = { ...anna, home: 'oslo' as SiteName, epoch: 2, version: 2 };
      let isMoved = false;
      const seen = new Set<string>();
      let isOver = false;
      const logins = (async () => {
        while (!isOver) {
          const mustBeMoved = isMoved;
          const lookup = await view.lookUpLogin('anna@example.org');
          if (lookup.kind === 'found') {
            const { home, epoch } = lookup.record.account;
            seen.add(`${home} ${epoch}${mustBeMoved ? ' late' : ''}`);
          } else seen.add(lookup.kind);
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      })();
      await group.waitForFailover(keys.changeCount, main);
      const servesAtMs = performance.now();
      await vi.waitFor(
        async () => {
          const outcome = await second.replaceAccount(moved, 1);
          // One that ended without an answer may have happened.
          if (!outcome.ok) expect(await second.getAccount(anna.id)).toMatchObject({ epoch: 2 });
        },
        { timeout: HEAL_LIMIT_MS, interval: 50 },
      );
      const healedMs = performance.now() - servesAtMs;
      // Changes arrive within a second; what is read after that has to be the new record.
      await vi.waitFor(
        async () =>
          expect(await view.lookUpLogin('anna@example.org')).toMatchObject({
            record: { account: { home: 'oslo', epoch: 2 } },
          }),
        { timeout: HEAL_LIMIT_MS, interval: 50 },
      );
      isMoved = true;
      // Both count all sessions again: none was lost with the old main.
      await vi.waitFor(async () => expect(await second.countSessions(anna.id)).toBe(3), {
        timeout: HEAL_LIMIT_MS,
        interval: 50,
      });
      expect(await other.claim(createClaim(anna.id, 'second-1'))).toBe(4);
      await mend(main);
      // The old main comes back as a replica, and what it knew last is not believed.
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      isOver = true;
      await logins;
      expect([...seen].filter((one) => one.startsWith('dublin') && one.endsWith('late'))).toEqual(
        [],
      );
      expect(seen).not.toContain('unknown');
      expect(await view.lookUpLogin('anna@example.org')).toMatchObject({
        record: { account: { home: 'oslo', epoch: 2 } },
      });
      console.log(
        `${_how}: writes ${healedMs.toFixed(0)} ms after the failover; saw ${[...seen].join(', ')}`,
      );
    },
  );

  test('calls end within the budget while there is no main', async () => {
    const keyPrefix = `budget${(prefixNumber += 1)}`;
    await group.waitUntilWhole();
    const driver = await open(keyPrefix);
    const main = await group.findMain(createKeyLayout(keyPrefix).changeCount);
    main.freeze();
    try {
      const startedAtMs = performance.now();
      await expect(driver.getSettings()).rejects.toThrow(DirectoryUnavailableError);
      expect(performance.now() - startedAtMs).toBeLessThan(BUDGET_MS + 500);
    } finally {
      main.thaw();
      await driver.close();
    }
  });
});

describe('a Redis that is set back to an older state', { timeout: 30_000 }, () => {
  test('is read anew, whatever its counter says, and has all live sessions again', async () => {
    await using redis = await startPrivateRedis({ isDurable: true });
    await using stack = new AsyncDisposableStack();
    const options = {
      url: redis.url,
      budgetMs: BUDGET_MS,
      leaseLifeMs: 3_000,
      foundsWhenEmpty: true,
    };
    const driver = await openRedisDirectory(options);
    stack.defer(() => driver.close());
    const view = createDirectoryView(driver, { maxAgeWhenAwayMs: 0 });
    stack.defer(() => view.close());
    await driver.putSite(createSite('dublin', 1));
    const anna = createAccount('anna');
    await driver.addAccount(anna, createSecrets('one'));
    const lease = await driver.openLease('worker');
    await lease.claim(createClaim(anna.id, 'before'));
    const setBack = await redis.keepState();
    await driver.setCredentials(anna.id, undefined);
    await lease.claim(createClaim(anna.id, 'after'));
    await vi.waitFor(async () =>
      expect(await view.lookUpLogin(anna.address)).toMatchObject({
        record: { account: { version: 2 } },
      }),
    );

    const admin = new Redis(redis.url);
    admin.on('error', () => undefined);
    stack.defer(() => admin.disconnect());
    await vi.waitFor(async () => {
      const [leaseKey = ''] = await admin.keys('{homeward:leases}:of:*');
      expect(await admin.hlen(leaseKey)).toBe(2);
    });

    await setBack();
    // As many changes as were lost: the counter alone would not show it.
    const writer = await openRedisDirectory(options);
    stack.defer(() => writer.close());
    await writer.setSetting('some.setting', 1);

    await vi.waitFor(
      async () =>
        expect(await view.lookUpLogin(anna.address)).toMatchObject({
          record: { account: { version: 1 } },
        }),
      { timeout: HEAL_LIMIT_MS, interval: 50 },
    );
    await vi.waitFor(async () => expect(await writer.countSessions(anna.id)).toBe(2), {
      timeout: HEAL_LIMIT_MS,
      interval: 50,
    });
  });

  test('leads nobody to a home that the account had left, until it is moved again', async () => {
    await using redis = await startPrivateRedis({ isDurable: true });
    await using stack = new AsyncDisposableStack();
    const told: SetBackAccount[] = [];
    const options = { url: redis.url, budgetMs: BUDGET_MS, foundsWhenEmpty: true };
    const open = async (more: Partial<RedisDirectoryOptions> = {}): Promise<DirectoryDriver> => {
      const driver = await openRedisDirectory({ ...options, ...more });
      stack.defer(() => driver.close());
      return driver;
    };
    const writer = await open();
    const onSetBack = (found: SetBackAccount): void => void told.push(found);
    const [knows, hears] = [await open({ onSetBack }), await open({ onSetBack })];
    const [knowing, hearing] = [knows, hears].map((driver) => {
      const view = createDirectoryView(driver);
      stack.defer(() => view.close());
      return view;
    });
    for (const site of ['dublin', 'oslo']) await writer.putSite(createSite(site, 1));
    const anna = createAccount('anna');
    await writer.addAccount(anna, createSecrets('one'));
    const setBack = await redis.keepState();
    const moved: AccountRecord = { ...anna, home: 'oslo' as SiteName, epoch: 2 };
    expect(await writer.replaceAccount(moved, 1)).toEqual({ ok: true });
    const isMoved = { kind: 'found', record: { account: { home: 'oslo', epoch: 2 } } };
    await vi.waitFor(async () =>
      expect(await knowing?.lookUpLogin(anna.address)).toMatchObject(isMoved),
    );

    await setBack();
    // The other one has only heard of the move.
    for (const view of [knowing, hearing]) {
      await vi.waitFor(
        async () => {
          expect(await view?.lookUpLogin('nobody@example.org')).toEqual({ kind: 'unknown' });
          expect(await view?.lookUpLogin(anna.address)).toEqual({ kind: 'unavailable' });
        },
        { timeout: HEAL_LIMIT_MS, interval: 50 },
      );
    }
    await expect(knows.loadLogin(anna.id)).rejects.toThrow(RecordSetBackError);
    await expect(hears.getAccount(anna.id)).rejects.toThrow(RecordSetBackError);
    expect(told).toEqual([
      { account: anna, knownEpoch: 2 },
      { account: anna, knownEpoch: 2 },
    ]);
    // Who has not seen it cannot know.
    expect(await (await open({ onSetBack })).getAccount(anna.id)).toEqual(anna);

    expect(await writer.replaceAccount(moved, 1)).toEqual({ ok: true });
    for (const view of [knowing, hearing]) {
      await vi.waitFor(async () =>
        expect(await view?.lookUpLogin(anna.address)).toMatchObject(isMoved),
      );
    }
  });
});

test('an account that is deleted and begins anew under its id is not taken for one set back', async () => {
  await using redis = await startPrivateRedis();
  await using stack = new AsyncDisposableStack();
  const told: SetBackAccount[] = [];
  const options = { url: redis.url, budgetMs: BUDGET_MS, foundsWhenEmpty: true };
  const onSetBack = (found: SetBackAccount): void => void told.push(found);
  const open = async (): Promise<DirectoryDriver> => {
    const driver = await openRedisDirectory({ ...options, onSetBack });
    stack.defer(() => driver.close());
    return driver;
  };
  const [writer, hears] = [await open(), await open()];
  for (const site of ['dublin', 'oslo']) await writer.putSite(createSite(site, 1));
  const anna = createAccount('anna');
  await writer.addAccount(anna, createSecrets('one'));
  await writer.replaceAccount({ ...anna, home: 'oslo' as SiteName, epoch: 2 }, 1);
  await vi.waitFor(async () => expect(await hears.getAccount(anna.id)).toMatchObject({ epoch: 2 }));
  expect(await writer.deleteAccount(anna.id)).toEqual({ ok: true });
  await writer.addAccount(anna, createSecrets('two'));
  await vi.waitFor(async () =>
    expect(await hears.loadLogin(anna.id)).toMatchObject({ account: anna }),
  );
  expect(await writer.getAccount(anna.id)).toEqual(anna);
  expect(told.filter(({ account }) => account.version > 1)).toEqual([]);
});

describe('a real Cluster', () => {
  let cluster: RedisGroup;
  let number = 0;
  beforeAll(async () => {
    cluster = await startRedisCluster({ hasReplicas: false });
  }, 60_000);
  afterAll(() => cluster.stop());

  test.each(LOSSES)(
    'one of whose mains is %s holds up a single call, not each, and is asked again',
    async (_how, lose, mend) => {
      const keyPrefix = `silent${(number += 1)}`;
      await using stack = new AsyncDisposableStack();
      const told: string[] = [];
      const driver = await openRedisDirectory({
        url: cluster.url,
        keyPrefix,
        budgetMs: BUDGET_MS,
        foundsWhenEmpty: true,
        onAvailability: (_isAvailable, reason) => void told.push(reason),
      });
      stack.defer(() => driver.close());
      const anna = createAccount('anna');
      await driver.putSite(createSite('dublin', 1));
      await driver.addAccount(anna, createSecrets('one'));
      const main = await cluster.findMain(createKeyLayout(keyPrefix).changeCount);
      await lose(main);
      stack.defer(() => mend(main));
      const startedAtMs = performance.now();
      const callCount = 20;
      for (let call = 0; call < callCount; call += 1) {
        await expect(driver.getAccount(anna.id)).rejects.toThrow(DirectoryUnavailableError);
      }
      expect(performance.now() - startedAtMs).toBeLessThan((callCount / 2) * BUDGET_MS);
      const place = new URL(main.url).host;
      expect(told.slice(-2)).toEqual(['connected', `no answer from ${place}`]);
      await mend(main);
      await cluster.waitUntilWhole();
      await vi.waitFor(async () => expect(await driver.getAccount(anna.id)).toEqual(anna), {
        timeout: HEAL_LIMIT_MS,
        interval: 50,
      });
      expect(told.at(-1)).toBe('connected');
    },
  );

  test('is found beside a node that takes connections and says nothing', async () => {
    await using stack = new AsyncDisposableStack();
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    stack.defer(() => void silent.close());
    const { port } = silent.address() as AddressInfo;
    const main = await cluster.findMain('any');
    const url = `redis+cluster://127.0.0.1:${port},127.0.0.1:${main.port}`;
    // Which of both is asked first is drawn by lot.
    const readings = Array.from({ length: 6 }, async () => {
      const driver = await openRedisDirectory({ url, foundsWhenEmpty: true });
      stack.defer(() => driver.close());
      return driver.listSites();
    });
    expect(await Promise.all(readings)).toEqual(Array.from({ length: 6 }, () => []));
  });

  describeDirectoryDriver('Redis driver on three mains', async () => {
    number += 1;
    const keyPrefix = `three${number}`;
    const opened: DirectoryDriver[] = [];
    const main = await cluster.findMain(createKeyLayout(keyPrefix).changeCount);
    return {
      open: async (options = {}) => {
        const driver = await openRedisDirectory({
          url: cluster.url,
          keyPrefix,
          foundsWhenEmpty: true,
          ...options,
        });
        opened.push(driver);
        return driver;
      },
      takeAway: () => main.kill(),
      bringBack: async () => {
        await main.restart();
        await cluster.waitUntilWhole();
      },
      dispose: async () => {
        for (const driver of opened) await driver.close();
      },
    };
  });
});
