/** Settings that reach running listeners, and what is kept ready behind them. */
import { connectRaw } from '@homeward/testkit';
import { beforeAll, expect, it } from 'vitest';
import {
  createWorldCertificates,
  openFrontEndWorld,
  type FrontEndWorld,
  type WorldCertificates,
} from './testing/front-end-world.ts';

let certificates: WorldCertificates;
beforeAll(async () => {
  certificates = await createWorldCertificates();
});

async function setSetting(world: FrontEndWorld, name: string, value: unknown): Promise<void> {
  const before = world.log.events.length;
  await world.directory.setSetting(name, value);
  await expect
    .poll(() => world.log.events.slice(before).map(({ event }) => event), { timeout: 5_000 })
    .toContain('settings.changed');
}

it('tls.minVersion refuses older clients from then on, and cuts nobody off', async () => {
  await using world = await openFrontEndWorld({ certificates });
  const old = { ...world.clientTls, maxVersion: 'TLSv1.2' as const };
  await using open = await connectRaw({ port: world.ports.imaps, tls: old });
  await open.readLine();

  await setSetting(world, 'tls.minVersion', 'TLSv1.3');

  await expect
    .poll(() => connectRaw({ port: world.ports.imaps, tls: old }).then(() => 'in', String))
    .toMatch(/PROTOCOL_VERSION|protocol version/i);
  await using modern = await world.connect('imaps');
  expect(await modern.readLine()).toMatch(/^\* OK/);
  await open.expectOk('NOOP');
});

it('tls.handshakeLimitSeconds holds for the next connection', async () => {
  await using world = await openFrontEndWorld({ certificates });
  await setSetting(world, 'tls.handshakeLimitSeconds', 1);
  await using silent = await connectRaw({ port: world.ports.imaps });
  expect(await silent.expectEnd()).toBeDefined();
  expect(world.log.events).toContainEqual({
    event: 'connection.refused',
    fields: expect.objectContaining({ reason: 'tls-timed-out' }) as unknown,
  });
});
