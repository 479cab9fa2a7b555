/** Connections that are used again, hosts that are left alone, and settings that change. */
import { FakeClock, type PeerScript, startScriptedServer } from '@homeward/testkit';
import { expect, test } from 'vitest';
import type { RelaySettings } from './relay-settings.ts';
import { IDLE_LIMIT_MS, MESSAGES_PER_CONNECTION } from './smart-host.ts';
import {
  greet,
  hostAt,
  openTransport,
  relaySettings,
  request,
  takeEnvelope,
  takeMessage,
} from './testing/smart-host-script.ts';

const TO = { kind: 'elsewhere', domain: 'elsewhere.example' } as const;
const ALWAYS = new AbortController().signal;

/** Takes messages until the client says QUIT. */
const takeMany: PeerScript = async (peer) => {
  await greet(peer);
  for (;;) {
    const first = await peer.readLine();
    if (first === 'QUIT') return peer.sendLine('221 bye');
    expect(first).toMatch(/^MAIL FROM:/u);
    await peer.expectLine(/^RCPT TO:/u);
    await peer.expectLine('DATA');
    await peer.send('250 fine\r\n250 fine\r\n354 go\r\n');
    while ((await peer.readLine()) !== '.');
    await peer.sendLine('250 taken');
  }
};

test('SmartHost sends many messages over one connection, and then over a new one', async () => {
  await using host = await startScriptedServer(takeMany);
  using opened = openTransport(relaySettings([hostAt(host)]));
  for (let count = 0; count < MESSAGES_PER_CONNECTION; count += 1) {
    expect(await opened.transport.deliver(TO, request(), ALWAYS)).toMatchObject([
      { kind: 'relayed' },
    ]);
  }
  expect(host.connectionCount).toBe(1);
  await opened.transport.deliver(TO, request(), ALWAYS);
  expect(host.connectionCount).toBe(2);
  opened.transport.close();
  await host.finished();
});

test('SmartHost says goodbye to a connection that nobody uses', async () => {
  await using host = await startScriptedServer(takeMany);
  const clock = new FakeClock();
  const { transport } = openTransport(relaySettings([hostAt(host)]), clock);
  await transport.deliver(TO, request(), ALWAYS);
  clock.advance(IDLE_LIMIT_MS);
  // The script ends by QUIT alone.
  await host.finished();
  transport.close();
});

test('SmartHost ends an attempt that gets no answer in time', async () => {
  const reached = Promise.withResolvers<void>();
  await using host = await startScriptedServer(async (peer) => {
    await greet(peer);
    await peer.expectLine(/^MAIL/u);
    reached.resolve();
    await peer.hold();
  });
  const clock = new FakeClock();
  const { transport } = openTransport(relaySettings([hostAt(host)]), clock);
  const delivery = transport.deliver(TO, request(), ALWAYS);
  await reached.promise;
  clock.advance(300_000);
  expect(await delivery).toMatchObject([{ kind: 'deferred', isDestinationAway: true }]);
  transport.close();
  await host.kill();
});

test('SmartHost tries a new connection when the one that waited is dead', async () => {
  await using host = await startScriptedServer(async (peer, number) => {
    await greet(peer);
    await takeMessage(peer);
    if (number > 1) return;
    // As a server does whose own limit for silence is over.
    await peer.expectLine(/^MAIL/u);
    peer.reset();
  });
  using opened = openTransport(relaySettings([hostAt(host)]));
  for (let count = 0; count < 2; count += 1) {
    expect(await opened.transport.deliver(TO, request(), ALWAYS)).toMatchObject([
      { kind: 'relayed' },
    ]);
  }
  expect(host.connectionCount).toBe(2);
  await host.kill();
});

test('SmartHost goes on after a refused message on the same connection', async () => {
  await using host = await startScriptedServer(async (peer) => {
    await greet(peer);
    await takeEnvelope(peer, ['250 fine', '550 5.1.1 nobody', '554 nobody']);
    await peer.expectLine('RSET');
    await peer.sendLine('250 fine');
    await takeMessage(peer, '554 5.7.1 no');
    await takeMessage(peer);
  });
  using opened = openTransport(relaySettings([hostAt(host)]));
  const kinds: (string | undefined)[] = [];
  for (let count = 0; count < 3; count += 1) {
    kinds.push((await opened.transport.deliver(TO, request(), ALWAYS))[0]?.kind);
  }
  expect(kinds).toEqual(['failed', 'failed', 'relayed']);
  expect(host.connectionCount).toBe(1);
});

test.each<[string, PeerScript]>([
  ['the greeting', (peer) => peer.sendLine('421 4.3.2 busy')],
  [
    'MAIL',
    async (peer) => {
      await greet(peer);
      await takeEnvelope(peer, ['421 4.3.2 busy', '503 no', '503 no']);
    },
  ],
])('SmartHost leaves a host alone that says 421 for %s three times', async (_what, script) => {
  await using host = await startScriptedServer(script);
  using opened = openTransport(relaySettings([hostAt(host)]));
  for (let count = 0; count < 6; count += 1) {
    expect(await opened.transport.deliver(TO, request(), ALWAYS)).toMatchObject([
      { kind: 'deferred', isDestinationAway: true },
    ]);
  }
  expect(host.connectionCount).toBe(3);
  expect(opened.news).toHaveLength(1);
  expect(opened.news[0]).toMatch(/^away: .*421/u);
});

test('SmartHost has no more connections at once than the settings say', async () => {
  let now = 0;
  let most = 0;
  await using host = await startScriptedServer(async (peer) => {
    await greet(peer);
    for (;;) {
      const first = await peer.readLine();
      if (first === 'QUIT') return;
      now += 1;
      most = Math.max(most, now);
      await peer.readLine();
      await peer.readLine();
      await peer.send('250 fine\r\n250 fine\r\n354 go\r\n');
      while ((await peer.readLine()) !== '.');
      now -= 1;
      await peer.sendLine('250 taken');
    }
  });
  using opened = openTransport(relaySettings([hostAt(host)], { connectionsPerHost: 2 }));
  await Promise.all(
    Array.from({ length: 12 }, () => opened.transport.deliver(TO, request(), ALWAYS)),
  );
  expect(most).toBe(2);
  expect(host.connectionCount).toBe(2);
  opened.transport.close();
  await host.finished();
});

test('SmartHostTransport follows the settings, and closes hosts that they name no more', async () => {
  await using first = await startScriptedServer(takeMany);
  await using second = await startScriptedServer(takeMany);
  let settings: RelaySettings = relaySettings([hostAt(first)]);
  using opened = openTransport(() => settings);
  await opened.transport.deliver(TO, request(), ALWAYS);
  settings = relaySettings([hostAt(second)]);
  expect(await opened.transport.deliver(TO, request(), ALWAYS)).toMatchObject([
    { kind: 'relayed', remote: `127.0.0.1:${second.port}` },
  ]);
  await first.finished();
});

test('SmartHostTransport begins nothing when it is stopped', async () => {
  await using host = await startScriptedServer(takeMany);
  using opened = openTransport(relaySettings([hostAt(host)]));
  expect(await opened.transport.deliver(TO, request(), AbortSignal.abort())).toMatchObject([
    { kind: 'deferred', enhanced: '4.3.2' },
  ]);
  expect(host.connectionCount).toBe(0);
});

test('SmartHostTransport never ends a message that could not be read to its end', async () => {
  let octets: Buffer = Buffer.alloc(0);
  await using host = await startScriptedServer(async (peer) => {
    await greet(peer);
    await takeEnvelope(peer);
    ({ octets } = await peer.readToEnd());
  });
  using opened = openTransport(relaySettings([hostAt(host)]));
  const broken = request({
    async *readMessage() {
      yield Buffer.from('Subject: half\r\n');
      throw new Error('EIO');
    },
  });
  expect(await opened.transport.deliver(TO, broken, ALWAYS)).toMatchObject([
    { kind: 'deferred', enhanced: '4.3.0' },
  ]);
  await host.finished();
  expect(octets.toString('latin1')).not.toContain('.\r\n');
});
