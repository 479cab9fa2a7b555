/**
 * A Redis that lost the directory, or has another one: for every process that knew it the directory
 * is away, from the first question on. Nobody is unknown, nothing is founded, and all is well again
 * when the directory is back.
 */
import {
  startPrivateRedis,
  startRedisCluster,
  type PrivateRedis,
  type RedisGroup,
} from '@homeward/testkit';
import { Redis } from 'ioredis';
import { describe, expect, test } from 'vitest';
import { createDirectoryView, type DirectoryView } from '../cache/directory-view.ts';
import type { DirectoryDriver } from '../directory-driver.ts';
import { DirectoryUnavailableError, type DirectoryChange, type SessionLease } from '../ports.ts';
import {
  createAccount,
  createClaim,
  createSecrets,
  createSite,
} from '../testing/driver-contract.ts';
import { createKeyLayout, DEFAULT_KEY_PREFIX } from './key-layout.ts';
import { openRedisDirectory } from './redis-directory.ts';

const BUDGET_MS = 500;
const HEAL_LIMIT = { timeout: 4_000, interval: 50 };
const keys = createKeyLayout(DEFAULT_KEY_PREFIX);
const anna = createAccount('anna');

/** A directory with one account, and a process that has long been using it. */
interface World extends AsyncDisposable {
  readonly redis: PrivateRedis;
  readonly admin: Redis;
  readonly user: DirectoryDriver;
  readonly view: DirectoryView;
  readonly lease: SessionLease;
  readonly heard: readonly DirectoryChange[];
  /** Why it was away, each time. */
  readonly told: readonly string[];
  open(how?: { readonly foundsWhenEmpty?: boolean }): Promise<DirectoryDriver>;
  /** @returns How to put everything back that there is now. */
  backUp(): Promise<() => Promise<void>>;
}

async function openWorld(): Promise<World> {
  await using stack = new AsyncDisposableStack();
  const redis = stack.use(await startPrivateRedis());
  const admin = new Redis(redis.url);
  admin.on('error', () => undefined);
  stack.defer(() => admin.disconnect());
  const opened = stack.use(new AsyncDisposableStack());
  const open: World['open'] = async (how) => {
    const driver = await openRedisDirectory({ url: redis.url, budgetMs: BUDGET_MS, ...how });
    opened.defer(() => driver.close());
    return driver;
  };
  const founder = await open({ foundsWhenEmpty: true });
  await founder.putSite(createSite('dublin', 1));
  await founder.addAccount(anna, createSecrets('one'));
  await founder.setSetting('imap.enabled', true);
  await founder.close();

  const told: string[] = [];
  const user = await openRedisDirectory({
    url: redis.url,
    budgetMs: BUDGET_MS,
    leaseLifeMs: 3_000,
    onAvailability: (isAvailable, reason) => void (isAvailable || told.push(reason)),
  });
  stack.defer(() => user.close());
  const heard: DirectoryChange[] = [];
  user.subscribe((change) => void heard.push(change));
  const view = createDirectoryView(user);
  stack.defer(() => view.close());
  expect(await view.lookUpLogin(anna.address)).toMatchObject({ kind: 'found' });
  const lease = await user.openLease('worker');
  expect(await lease.claim(createClaim(anna.id, 'before'))).toBe(1);
  const parts = stack.move();
  return {
    redis,
    admin,
    user,
    view,
    lease,
    heard,
    told,
    open,
    backUp: async () => {
      const names = await admin.keys('*');
      const dumps = await Promise.all(names.map((name) => admin.dumpBuffer(name)));
      return async () => {
        const writing = admin.multi().flushall();
        for (const [index, name] of names.entries()) {
          const dump = dumps[index];
          if (dump !== undefined && dump !== null) writing.restore(name, 0, dump);
        }
        await writing.exec();
      };
    },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

/** Several looks at Redis ago. */
function behindMs(driver: DirectoryDriver): number {
  return performance.now() - (driver.inSyncAtMs() ?? 0);
}

async function expectAway({ user, view }: World, word: string): Promise<void> {
  const away = new RegExp(word);
  const nobody = createAccount('nobody');
  await expect(user.findAccountId('nobody@example.org')).rejects.toThrow(away);
  await expect(user.getAccount(nobody.id)).rejects.toThrow(away);
  await expect(user.loadLogin(anna.id)).rejects.toThrow(away);
  await expect(user.getSettings()).rejects.toThrow(away);
  await expect(user.listSites()).rejects.toThrow(away);
  await expect(user.listSharers(anna.id)).rejects.toThrow(away);
  await expect(user.getSharedSecret('scram-salts')).rejects.toThrow(away);
  expect(await view.lookUpLogin(anna.address)).toMatchObject({ kind: 'found' });
  expect(await view.lookUpLogin('nobody@example.org')).toEqual({ kind: 'unavailable' });
}

const LOSSES: readonly (readonly [string, (world: World) => Promise<unknown>])[] = [
  ['comes back empty', ({ redis }) => redis.restart()],
  ['is emptied', ({ admin }) => admin.flushall()],
];

describe.each(LOSSES)('a Redis that %s', { timeout: 30_000 }, (_how, lose) => {
  test('is away until the directory is back; nothing is founded in it', async () => {
    await using world = await openWorld();
    const { user, lease, heard, told, admin, view } = world;
    const restore = await world.backUp();
    const heardBefore = heard.length;
    await lose(world);
    // From the first question on; a restarted server is not connected to at once.
    await expect.poll(() => told.at(-1) ?? '', HEAL_LIMIT).toMatch(/./);
    await expect(user.findAccountId('nobody@example.org')).rejects.toThrow(
      DirectoryUnavailableError,
    );
    await expect.poll(() => told.at(-1), HEAL_LIMIT).toMatch(/^directory-empty: .*homeward init/);
    await expectAway(world, 'directory-empty');
    expect(await lease.claim(createClaim(anna.id, 'meanwhile'))).toBe(2);
    expect(heard.slice(heardBefore)).toEqual([]);
    await expect.poll(() => behindMs(user), HEAL_LIMIT).toBeGreaterThan(1_500);
    await expectAway(world, 'directory-empty');
    expect(await admin.keys('{homeward}:*')).toEqual([]);

    await restore();
    await expect
      .poll(() => view.lookUpLogin('nobody@example.org'), HEAL_LIMIT)
      .toEqual({ kind: 'unknown' });
    expect(await view.lookUpLogin(anna.address)).toMatchObject({ kind: 'found' });
    await expect.poll(() => heard.at(-1), HEAL_LIMIT).toEqual({ area: 'everything' });
    await expect.poll(() => user.countSessions(anna.id), HEAL_LIMIT).toBe(2);
  });

  test('serves nobody who starts then, and everybody once it is founded', async () => {
    await using world = await openWorld();
    await lose(world);
    const late = await world.open();
    await expect(late.getSettings()).rejects.toThrow(/directory-empty: .*homeward init/);
    expect(late.inSyncAtMs()).toBeUndefined();
    const founder = await world.open({ foundsWhenEmpty: true });
    await founder.putSite(createSite('oslo', 1));
    await expect.poll(async () => (await late.listSites()).length, HEAL_LIMIT).toBe(1);
    // Who knew the other does not take this one, until it is started again.
    await expect
      .poll(() => world.told.at(-1), HEAL_LIMIT)
      .toMatch(/^directory-replaced: .*restart/);
    await expectAway(world, 'directory-replaced');
    const again = await world.open();
    expect(await again.listSites()).toHaveLength(1);
  });
});

test('no question is answered wrongly between a loss and the next look', async () => {
  await using world = await openWorld();
  await world.admin.flushall();
  await expectAway(world, 'directory-empty');
});

test('a founder that has seen its directory does not found another', async () => {
  await using world = await openWorld();
  const founder = await world.open({ foundsWhenEmpty: true });
  await world.admin.flushall();
  await expect(founder.listSites()).rejects.toThrow(/directory-empty/);
  await expect(founder.listSites()).rejects.toThrow(/directory-empty/);
  expect(await world.admin.keys('{homeward}:*')).toEqual([]);
});

test('what a process of an earlier release writes into an empty Redis is no directory', async () => {
  await using world = await openWorld();
  await world.admin.flushall();
  await world.admin.set(keys.schema, 2);
  await expectAway(world, 'directory-empty');
  const late = await world.open();
  await expect(late.getSettings()).rejects.toThrow(/directory-empty/);
  expect(await world.admin.exists(keys.directoryId)).toBe(0);
});

describe('a directory of a release that wrote no id', () => {
  test('gets one, the same for all', async () => {
    await using world = await openWorld();
    const { admin, user } = world;
    await admin.del(keys.directoryId);
    const [first, second] = await Promise.all([world.open(), world.open()]);
    expect(await first.findAccountId(anna.address)).toBe(anna.id);
    expect(await second.findAccountId(anna.address)).toBe(anna.id);
    expect(await admin.get(keys.directoryId)).toMatch(/^[\w-]{16}$/);
    expect(await user.findAccountId('nobody@example.org').catch(() => 'away')).toBeOneOf([
      undefined,
      'away',
    ]);
  });

  test('gets the one that is known, where a server took over that had not heard of it', async () => {
    await using world = await openWorld();
    const { admin, user } = world;
    const id = await admin.get(keys.directoryId);
    expect(id).toMatch(/^[\w-]{16}$/);
    await admin.del(keys.directoryId);
    expect(await user.findAccountId('nobody@example.org')).toBeUndefined();
    expect(await admin.get(keys.directoryId)).toBe(id);
  });
});

test('a Cluster whose node lost the directory is away, too', { timeout: 60_000 }, async () => {
  await using cluster: RedisGroup = await startRedisCluster({ hasReplicas: false });
  await using stack = new AsyncDisposableStack();
  const open = async (foundsWhenEmpty: boolean): Promise<DirectoryDriver> => {
    const driver = await openRedisDirectory({ url: cluster.url, foundsWhenEmpty });
    stack.defer(() => driver.close());
    return driver;
  };
  const founder = await open(true);
  await founder.putSite(createSite('dublin', 1));
  await founder.addAccount(anna, createSecrets('one'));
  const user = await open(false);
  expect(await user.findAccountId(anna.address)).toBe(anna.id);
  const main = await cluster.findMain(keys.directoryId);
  const admin = new Redis(main.url);
  stack.defer(() => admin.disconnect());
  await admin.flushall();
  await expect(user.findAccountId(anna.address)).rejects.toThrow(/directory-empty/);
  await expect.poll(() => behindMs(user), HEAL_LIMIT).toBeGreaterThan(1_000);
  await expect(user.findAccountId(anna.address)).rejects.toThrow(/directory-empty/);
  expect(await admin.exists(keys.directoryId, keys.schema, keys.secrets)).toBe(0);
});
