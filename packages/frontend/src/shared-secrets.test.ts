/** A front end whose clients another one knew: what costs a hash there, and what does not. */
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { connectRaw, createTempFolder, startRedis } from '@homeward/testkit';
import { createMetrics, systemClock } from '@homeward/service';
import { expect, it } from 'vitest';
import { FRONT_END_METRICS } from './metrics/front-end-metrics.ts';
import {
  createWorldCertificates,
  openFrontEndWorld,
  PASSWORD,
  portsOf,
  takeImapLogin,
  type FrontEndWorld,
} from './testing/front-end-world.ts';
import { readMetric } from './testing/read-metric.ts';
import { openFrontEndWorker } from './wiring.ts';

const HASHED = 'homeward_frontend_passwords_hashed_total';

/** Another front end over the same directory. */
async function openSecond(world: FrontEndWorld, config: Partial<FrontEndWorld['config']> = {}) {
  const metrics = createMetrics({
    catalogue: FRONT_END_METRICS,
    worker: 'second',
    includesProcess: false,
  });
  const worker = await openFrontEndWorker(
    { ...world.config, ...config },
    { clock: systemClock, log: world.log, metrics, workerName: 'second' },
  );
  return {
    port: portsOf(worker.addresses).imaps,
    hashCount: async () => readMetric(await metrics.format(), `${HASHED}{worker="second"}`),
    [Symbol.asyncDispose]: () => worker.close('now'),
  };
}

async function logIn(port: number, world: FrontEndWorld, password = PASSWORD): Promise<string> {
  await using client = await connectRaw({ port, tls: world.clientTls });
  await client.readLine();
  return (await client.command(`LOGIN anna@example.net "${password}"`)).text;
}

it('front ends with a common key spare each other the hash, others do not', async () => {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await createTempFolder('shared-secrets'));
  const ticketKeysFile = folder.join('tickets.key');
  await writeFile(ticketKeysFile, randomBytes(48));
  const redis = stack.use(await startRedis());
  const world = stack.use(
    await openFrontEndWorld({
      certificates: await createWorldCertificates(),
      redis: { url: redis.url, keyPrefix: redis.keyPrefix },
      async home(peer) {
        const { tag } = await takeImapLogin(peer);
        await peer.sendLine(`${tag} OK [CAPABILITY IMAP4rev1] hello`);
        await peer.hold();
      },
    }),
  );
  const tls = { ...world.config.tls, ticketKeysFile };
  const first = stack.use(await openSecond(world, { tls }));
  const second = stack.use(await openSecond(world, { tls }));
  const stranger = stack.use(await openSecond(world));

  expect(await logIn(first.port, world)).toMatch(/^OK/);
  expect(await first.hashCount()).toBe(1);
  await expect
    .poll(async () => {
      const before = (await second.hashCount()) ?? 0;
      expect(await logIn(second.port, world)).toMatch(/^OK/);
      return ((await second.hashCount()) ?? 0) - before;
    })
    .toBe(0);
  const hashedBefore = (await second.hashCount()) ?? 0;
  expect(await logIn(second.port, world, 'wrong')).toMatch(/^NO \[AUTHENTICATIONFAILED\]/);
  expect(await second.hashCount()).toBe(hashedBefore + 1);
  expect(await logIn(stranger.port, world)).toMatch(/^OK/);
  expect(await stranger.hashCount()).toBe(1);

  await world.accounts.setPassword('anna@example.net', 'another one');
  await expect.poll(() => logIn(second.port, world)).toMatch(/^NO \[AUTHENTICATIONFAILED\]/);
});
