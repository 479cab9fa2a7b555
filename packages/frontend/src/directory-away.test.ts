/** A front end whose Redis goes away under it: known accounts are served, nobody is guessed at. */
import type { SiteName } from '@homeward/directory';
import { createMetrics, systemClock } from '@homeward/service';
import { connectRaw, startPrivateRedis, type PrivateRedis } from '@homeward/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  createWorldCertificates,
  openFrontEndWorld,
  PASSWORD,
  portsOf,
  takeImapLogin,
  type FrontEndWorld,
  type WorldCertificates,
} from './testing/front-end-world.ts';
import { FRONT_END_METRICS } from './metrics/front-end-metrics.ts';
import { createRecordingLog } from './testing/scripted-ports.ts';
import { openFrontEndWorker } from './wiring.ts';

let certificates: WorldCertificates;
beforeAll(async () => {
  certificates = await createWorldCertificates();
});

async function openWorld(redis: PrivateRedis): Promise<FrontEndWorld> {
  return openFrontEndWorld({
    certificates,
    redis: { url: redis.url, keyPrefix: redis.keyPrefix },
    config: { connectionLimits: { perUser: 2 } },
    async home(peer) {
      const { tag } = await takeImapLogin(peer);
      await peer.sendLine(`${tag} OK [CAPABILITY IMAP4rev1] hello`);
      await peer.hold();
    },
  });
}

/** One login on a connection of its own, which stays open. */
async function logIn(world: FrontEndWorld, name: string): Promise<string> {
  const client = await world.connect('imaps');
  await client.readLine();
  const startedAtMs = performance.now();
  const { text } = await client.command(`LOGIN ${name} "${PASSWORD}"`);
  expect(performance.now() - startedAtMs).toBeLessThan(5000);
  return text;
}

describe('a Redis that', () => {
  const FAULTS: readonly [
    string,
    (redis: PrivateRedis) => Promise<void> | void,
    (redis: PrivateRedis) => Promise<void> | void,
  ][] = [
    ['hangs', (redis) => redis.freeze(), (redis) => redis.thaw()],
    ['is killed', (redis) => redis.kill(), (redis) => redis.restart()],
  ];

  it.each(FAULTS)('%s', { timeout: 40_000 }, async (_claim, breakIt, mendIt) => {
    await using redis = await startPrivateRedis({ isDurable: true });
    await using world = await openWorld(redis);
    expect(await logIn(world, 'anna@example.net')).toMatch(/^OK/);
    await breakIt(redis);
    // Known from a copy; who is not known is not told of a wrong password.
    expect(await logIn(world, 'anna@example.net')).toMatch(/^OK/);
    expect(await logIn(world, 'nobody@example.net')).toMatch(/^NO \[UNAVAILABLE\]/);
    // Limits hold all the same.
    expect(await logIn(world, 'anna@example.net')).toMatch(/^NO \[LIMIT\]/);
    await expect.poll(() => eventsOf(world), { timeout: 5_000 }).toContain('directory.unavailable');
    await mendIt(redis);
    await expect
      .poll(() => logIn(world, 'nobody@example.net'), { timeout: 15_000, interval: 200 })
      .toMatch(/^NO \[AUTHENTICATIONFAILED\]/);
    await expect.poll(() => eventsOf(world), { timeout: 5_000 }).toContain('directory.recovered');
  });

  it(
    'is away when a front end starts: it serves nobody, and all once Redis is back',
    { timeout: 40_000 },
    async () => {
      await using redis = await startPrivateRedis({ isDurable: true });
      await using first = await openWorld(redis);
      await redis.kill();
      const log = createRecordingLog();
      const metrics = createMetrics({ catalogue: FRONT_END_METRICS, worker: 'cold' });
      const parts = { clock: systemClock, log, metrics, workerName: 'cold' };
      const cold = await openFrontEndWorker(first.config, parts);
      try {
        const { imaps } = portsOf(cold.addresses);
        const logInThere = async (): Promise<string> => {
          await using client = await connectRaw({ port: imaps, tls: first.clientTls });
          await client.readLine();
          return (await client.command(`LOGIN anna@example.net "${PASSWORD}"`)).text;
        };
        expect(await logInThere()).toMatch(/^NO \[UNAVAILABLE\]/);
        const events = (): string[] => log.events.map(({ event }) => event);
        await expect.poll(events, { timeout: 6_000 }).toContain('directory.unavailable');
        await redis.restart();
        await expect.poll(logInThere, { timeout: 15_000, interval: 200 }).toMatch(/^OK/);
      } finally {
        await cold.close('now');
      }
    },
  );
});

it(
  'a Redis that is set back to before a move leads nobody to the old home',
  { timeout: 40_000 },
  async () => {
    await using redis = await startPrivateRedis({ isDurable: true });
    await using world = await openWorld(redis);
    const { directory, log } = world;
    const name = 'anna@example.net';
    const dublin = await directory.getSite('dublin' as SiteName);
    if (dublin === undefined) throw new Error('the world has no site');
    await directory.putSite({ ...dublin, name: 'oslo' as SiteName });
    const id = await directory.findAccountId(name);
    const account = id && (await directory.getAccount(id));
    if (!account) throw new Error('the world has no account');
    const setBack = await redis.keepState();
    const moved = { ...account, home: 'oslo' as SiteName, epoch: 2 };
    expect(await directory.replaceAccount(moved, account.version)).toEqual({ ok: true });
    await expect.poll(() => logIn(world, name), { timeout: 5_000 }).toMatch(/^OK/);

    await setBack();
    await expect
      .poll(() => logIn(world, 'nobody@example.net'), { timeout: 15_000, interval: 200 })
      .toMatch(/^NO \[AUTHENTICATIONFAILED\]/);
    expect(await logIn(world, name)).toMatch(/^NO \[UNAVAILABLE\]/);
    await using guess = await world.connect('imaps');
    await guess.readLine();
    expect((await guess.command(`LOGIN ${name} wrong`)).text).toMatch(/^NO \[UNAVAILABLE\]/);
    const told = log.events.filter(({ event }) => event === 'directory.account-set-back');
    expect(told).toMatchObject([{ fields: { address: name, epoch: 1, knownEpoch: 2 } }]);
    // The session that was open stays.
    await expect.poll(() => directory.countSessions(account.id), { timeout: 10_000 }).toBe(1);

    await expect
      .poll(() => directory.replaceAccount(moved, account.version), { timeout: 5_000 })
      .toEqual({ ok: true });
    await expect.poll(() => logIn(world, name), { timeout: 5_000 }).toMatch(/^OK/);
  },
);

function eventsOf({ log }: FrontEndWorld): readonly string[] {
  return log.events.map(({ event }) => event);
}
