/**
 * Logins while Redis fails over or is set back: each gets in at the right home, or hears that the
 * service is unavailable; nobody hears of a wrong password, and no home is asked by guess.
 */
import type { SiteName } from '@homeward/directory';
import { startPrivateRedis, startRedisCluster, startRedisSentinels } from '@homeward/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  createWorldCertificates,
  openFrontEndWorld,
  PASSWORD,
  takeImapLogin,
  type FrontEndWorld,
  type WorldCertificates,
} from './testing/front-end-world.ts';

let certificates: WorldCertificates;
beforeAll(async () => {
  certificates = await createWorldCertificates();
});

const LOGIN_LIMIT_MS = 5_000;
/** From the moment that another main serves. */
const HEAL_LIMIT_MS = 4_000;
const UNAVAILABLE = /^NO \[UNAVAILABLE\]/;

/** @param epoch The least that the mailbox at the home takes. */
function openWorld(
  redis: { readonly url: string; readonly keyPrefix: string },
  tickets: string[],
  epoch: () => number = () => 1,
): Promise<FrontEndWorld> {
  const opened = openFrontEndWorld({
    certificates,
    redis: { url: redis.url, keyPrefix: redis.keyPrefix },
    async home(peer) {
      const { tag, ticket } = await takeImapLogin(peer);
      const verdict = (await opened).verifyTicket(peer, ticket);
      const shown = verdict.ok ? verdict.claims : { aud: 'refused', epoch: 0 };
      tickets.push(`${shown.aud} ${shown.epoch}`);
      const isRight = shown.aud === 'dublin' && shown.epoch === epoch();
      // As a home refuses an epoch that is not its mailbox's.
      await peer.sendLine(isRight ? `${tag} OK in` : `${tag} NO [UNAVAILABLE] not now`);
      if (isRight) await peer.hold();
    },
  });
  return opened;
}

async function logIn(world: FrontEndWorld, name = 'anna@example.net'): Promise<string> {
  await using client = await world.connect('imaps');
  await client.readLine();
  const startedAtMs = performance.now();
  const { status, text } = await client.command(`LOGIN ${name} "${PASSWORD}"`);
  expect(performance.now() - startedAtMs).toBeLessThan(LOGIN_LIMIT_MS);
  return status === 'OK' ? 'OK' : text.replace(/^(NO \[[A-Z]+\]).*/, '$1');
}

describe.each([
  ['a Sentinel group', () => startRedisSentinels()],
  ['a Cluster', () => startRedisCluster()],
] as const)('%s', (_name, start) => {
  it(
    'whose main is killed costs newcomers a moment, and nobody else anything',
    { timeout: 60_000 },
    async () => {
      await using group = await start();
      const tickets: string[] = [];
      const redis = { url: group.url, keyPrefix: 'homeward' };
      await using world = await openWorld(redis, tickets);
      await world.accounts.add({ address: 'bo@example.net', site: 'dublin', password: PASSWORD });
      expect(await logIn(world)).toBe('OK');
      const key = '{homeward}:changes';
      const main = await group.findMain(key);
      await group.waitUntilWhole();

      await main.kill();
      const known: string[] = [];
      const newcomers: string[] = [];
      let isOver = false;
      const logins = (async () => {
        while (!isOver) {
          known.push(await logIn(world));
          newcomers.push(await logIn(world, 'bo@example.net'));
        }
      })();
      await group.waitForFailover(key, main);
      const servesAtMs = performance.now();
      await expect
        .poll(() => logIn(world, 'bo@example.net'), { timeout: HEAL_LIMIT_MS, interval: 50 })
        .toBe('OK');
      console.log(
        `newcomers get in ${(performance.now() - servesAtMs).toFixed(0)} ms after the failover`,
      );
      isOver = true;
      await logins;

      expect(new Set(known)).toEqual(new Set(['OK']));
      expect(newcomers.filter((answer) => answer !== 'OK' && !UNAVAILABLE.test(answer))).toEqual(
        [],
      );
      expect(new Set(tickets)).toEqual(new Set(['dublin 1']));
    },
  );
});

describe('a Redis that is set back', () => {
  it(
    'to before a move leads nobody into the old mailbox, and a mended record heals it',
    { timeout: 30_000 },
    async () => {
      await using redis = await startPrivateRedis({ isDurable: true });
      const tickets: string[] = [];
      await using world = await openWorld(redis, tickets, () => 3);
      const anna = await world.accounts.find('anna@example.net');
      if (anna === undefined) throw new Error('there is no anna');
      const setBack = await redis.keepState();
      // There and back again: the same site, a higher epoch.
      await world.directory.putSite({
        ...(await world.directory.getSite('dublin' as SiteName))!,
        name: 'oslo' as SiteName,
        version: 1,
      });
      const moved = { ...anna, epoch: 3 };
      expect(await world.directory.replaceAccount(moved, anna.version)).toEqual({ ok: true });
      await expect.poll(() => logIn(world), { timeout: 5_000 }).toBe('OK');

      await setBack();

      // At first it may be the directory that is unavailable; then its record is not believed, and
      // no home hears of it.
      const isSetBackSeen = (): boolean =>
        world.log.events.some(({ event }) => event === 'directory.account-set-back');
      await expect
        .poll(async () => [await logIn(world), isSetBackSeen()], { timeout: 10_000 })
        .toEqual([expect.stringMatching(UNAVAILABLE), true]);
      expect(tickets.filter((ticket) => ticket !== 'dublin 3')).toEqual([]);
      expect(await world.directory.replaceAccount(moved, anna.version)).toEqual({ ok: true });
      await expect.poll(() => logIn(world), { timeout: 5_000 }).toBe('OK');
    },
  );
});
