import { createServer, type Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ClientTls } from './client-tls.ts';
import { dial, type DialAddress, type DialOutcome } from './dial.ts';
import { dialFailure } from './dial-failure.ts';
import type { ListenerOptions } from './listener.ts';
import { createCertificateAuthority } from './pki/index.ts';
import { formatProxyHeader } from './proxy-protocol/index.ts';
import { createProxyProtocolStep } from './proxy-protocol-step.ts';
import type { SocketStream } from './socket-stream.ts';
import { Loopback, testAuthority, until } from './testing/loopback.ts';
import { ManualClock } from './testing/manual-clock.ts';

let clock: ManualClock;
let loopback: Loopback;
beforeEach(() => {
  clock = new ManualClock();
  loopback = new Loopback(clock);
});
afterEach(() => loopback.close());

const host = '127.0.0.1';

async function trust(): Promise<ClientTls> {
  return new ClientTls({ ca: (await testAuthority()).cert });
}

async function listenTls(names: readonly string[] = ['dublin.example']): Promise<DialAddress> {
  const tls = await loopback.serverTls([names]);
  const implicitTls = { tls, handshakeLimitMs: 10_000 };
  const onConnection = (stream: SocketStream): void => {
    void stream.write('* OK\r\n');
  };
  return { host, port: (await loopback.listen({ implicitTls, onConnection })).local.port };
}

/** A port where nobody listens. */
async function deadAddress(): Promise<DialAddress> {
  const listener = await loopback.listen();
  await listener.close();
  return { host, port: listener.local.port };
}

/** Accepts and says nothing. */
async function silentAddress(): Promise<DialAddress> {
  return { host, port: (await loopback.listen()).local.port };
}

/** Answers whatever comes with these octets. */
async function scriptedAddress(answer: string | undefined): Promise<DialAddress> {
  const server: Server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => (answer === undefined ? socket.destroy() : socket.end(answer)));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, host, resolve);
  });
  loopback.onClose(() => server.close());
  return { host, port: (server.address() as { port: number }).port };
}

function failed(outcome: DialOutcome): string {
  if (!outcome.ok) return outcome.reason;
  outcome.stream.destroy('test');
  return 'ok';
}

describe('dial() that announces a client', () => {
  const source = { address: '2001:db8::9', port: 40_000 };
  const destination = { address: '2001:db8::1', port: 993 };
  const ends = { family: 'ipv6', transport: 'stream', source, destination } as const;
  const proxyHeader = formatProxyHeader({ version: 2, command: 'proxy', ends, extras: {} });

  async function listenBehind(options: Partial<ListenerOptions>): Promise<{
    readonly address: DialAddress;
    readonly accepted: Promise<SocketStream>;
  }> {
    const accepted = Promise.withResolvers<SocketStream>();
    const policy = { mode: 'required', trustedNetworks: ['127.0.0.0/8'] } as const;
    const { local } = await loopback.listen({
      steps: [createProxyProtocolStep(policy, loopback.wheel)],
      onConnection: accepted.resolve,
      ...options,
    });
    return { address: { host, port: local.port }, accepted: accepted.promise };
  }

  test('in plaintext', async () => {
    const { address, accepted } = await listenBehind({});
    const outcome = await dial(
      { addresses: [address], budgetMs: 5_000, proxyHeader },
      loopback.wheel,
    );
    if (!outcome.ok) return expect.unreachable(outcome.reason);
    const stream = await accepted;
    expect(stream.remote).toEqual(source);
    expect(stream.proxy?.destination).toEqual(destination);
    void outcome.stream.write('x');
    expect(Buffer.from((await stream.read()) as Uint8Array).toString()).toBe('x');
    outcome.stream.destroy('test');
    expect(await stream.read()).toBe('ended');
    return undefined;
  });

  test('before TLS, and closes in order', async () => {
    const tls = await loopback.serverTls([['dublin.example']]);
    const { address, accepted } = await listenBehind({
      implicitTls: { tls, handshakeLimitMs: 10_000 },
    });
    const outcome = await dial(
      {
        addresses: [address],
        budgetMs: 5_000,
        proxyHeader,
        tls: { client: await trust(), serverName: 'dublin.example' },
      },
      loopback.wheel,
    );
    if (!outcome.ok) return expect.unreachable(outcome.reason);
    const stream = await accepted;
    expect(stream.remote).toEqual(source);
    expect(stream.tls?.serverName).toBe('dublin.example');
    const ended = outcome.stream.end();
    expect(await stream.read()).toBe('ended');
    await stream.end();
    await ended;
    expect(await outcome.stream.closed).toMatchObject({ how: 'ended' });
    return undefined;
  });

  test.each<[string, () => Promise<DialAddress>]>([
    ['tls-failed', () => scriptedAddress('* OK no TLS here\r\n')],
    ['tls-failed', () => scriptedAddress(undefined)],
    ['refused', deadAddress],
  ])('and says %s', async (reason, address) => {
    const tls = { client: await trust(), serverName: 'dublin.example' };
    const addresses = [await address()];
    const outcome = await dial({ addresses, budgetMs: 5_000, proxyHeader, tls }, loopback.wheel);
    expect(failed(outcome)).toBe(reason);
  });

  test('within the budget, or not at all', async () => {
    const tls = { client: await trust(), serverName: 'dublin.example' };
    const accepted = Promise.withResolvers<SocketStream>();
    const { local } = await loopback.listen({ onConnection: accepted.resolve });
    const addresses = [{ host, port: local.port }];
    const dialled = dial({ addresses, budgetMs: 5_000, proxyHeader, tls }, loopback.wheel);
    const stream = await accepted.promise;
    await stream.read();
    clock.advance(5_000);
    expect(await dialled).toMatchObject({
      ok: false,
      reason: 'timed-out',
      detail: 'in the handshake',
    });
    await untilEnd(stream);
  });

  test('or is aborted', async () => {
    const tls = { client: await trust(), serverName: 'dublin.example' };
    const accepted = Promise.withResolvers<SocketStream>();
    const { local } = await loopback.listen({ onConnection: accepted.resolve });
    const addresses = [{ host, port: local.port }];
    const { signal, abort } = abortion();
    const dialled = dial({ addresses, budgetMs: 5_000, proxyHeader, tls, signal }, loopback.wheel);
    const stream = await accepted.promise;
    await stream.read();
    abort();
    expect(failed(await dialled)).toBe('aborted');
    await untilEnd(stream);
    expect(clock.timerCount).toBe(0);
  });
});

async function untilEnd(stream: SocketStream): Promise<void> {
  while (typeof (await stream.read()) !== 'string');
}

function abortion(): { readonly signal: AbortSignal; readonly abort: () => void } {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}

describe('dial()', () => {
  test('connects in plaintext', async () => {
    const accepted = Promise.withResolvers<SocketStream>();
    const { local } = await loopback.listen({ onConnection: accepted.resolve });
    const outcome = await dial(
      { addresses: [{ host, port: local.port }], budgetMs: 5_000 },
      loopback.wheel,
    );
    expect(outcome.ok && outcome.stream.remote.port).toBe(local.port);
    expect(clock.timerCount).toBe(0);
    if (outcome.ok) outcome.stream.destroy('test');
    expect(await (await accepted.promise).read()).toBe('ended');
  });

  test('connects with TLS and loses nothing that comes behind the handshake', async () => {
    const address = await listenTls();
    const client = await trust();
    const outcome = await dial(
      { addresses: [address], budgetMs: 5_000, tls: { client, serverName: 'dublin.example' } },
      loopback.wheel,
    );
    if (!outcome.ok) return expect.unreachable(outcome.reason);
    expect(Buffer.from((await outcome.stream.read()) as Uint8Array).toString()).toBe('* OK\r\n');
    expect(outcome.stream.tls?.version).toBe('TLSv1.3');
    outcome.stream.destroy('test');
    return undefined;
  });

  test('resumes the TLS session of an earlier connection to the same peer', async () => {
    const address = await listenTls();
    const client = await trust();
    const keep = vi.spyOn(client, 'keepSession');
    const resumed: (boolean | undefined)[] = [];
    for (let round = 0; round < 3; round++) {
      const tls = { client, serverName: 'dublin.example' };
      const outcome = await dial({ addresses: [address], budgetMs: 5_000, tls }, loopback.wheel);
      if (!outcome.ok) return expect.unreachable(outcome.reason);
      await outcome.stream.read();
      // The ticket may come behind the greeting.
      await until(() => keep.mock.calls.length > 0);
      resumed.push(outcome.stream.tls?.isResumed);
      outcome.stream.destroy('test');
    }
    expect(resumed).toEqual([false, true, true]);
    return undefined;
  });

  test('forgets a session that the server does not know any more, and learns the next', async () => {
    const client = await trust();
    const keep = vi.spyOn(client, 'keepSession');
    const [other, address] = [await listenTls(), await listenTls()];
    const resumed: (boolean | undefined)[] = [];
    for (const where of [other, address, address, address]) {
      const tls = { client, serverName: 'dublin.example' };
      const outcome = await dial({ addresses: [where], budgetMs: 5_000, tls }, loopback.wheel);
      if (!outcome.ok) return expect.unreachable(outcome.reason);
      await outcome.stream.read();
      resumed.push(outcome.stream.tls?.isResumed);
      // The first connection's session is passed off as one of the second server's.
      if (where === other) {
        await until(() => keep.mock.calls.length > 1);
        const [[, session, nowMs] = []] = keep.mock.calls;
        client.keepSession(`dublin.example ${address.host} ${address.port}`, session!, nowMs!);
        keep.mockClear();
      }
      if (resumed.length === 3) await until(() => keep.mock.calls.length > 0);
      outcome.stream.destroy('test');
    }
    expect(resumed).toEqual([false, false, false, true]);
    return undefined;
  });

  test('verifies an address as a name, too', async () => {
    const address = await listenTls(['127.0.0.1']);
    const tls = { client: await trust(), serverName: '127.0.0.1' };
    expect(failed(await dial({ addresses: [address], budgetMs: 5_000, tls }, loopback.wheel))).toBe(
      'ok',
    );
  });

  test('goes on to the next address', async () => {
    const accepted = Promise.withResolvers<SocketStream>();
    const { local } = await loopback.listen({ onConnection: accepted.resolve });
    const alive = { host, port: local.port };
    const outcome = await dial(
      { addresses: [await deadAddress(), alive], budgetMs: 5_000 },
      loopback.wheel,
    );
    expect(outcome.ok && outcome.address).toEqual(alive);
    expect(failed(outcome)).toBe('ok');
  });
});

describe('dial() fails as', () => {
  const dublin = async (): Promise<{ client: ClientTls; serverName: string }> => ({
    client: await trust(),
    serverName: 'dublin.example',
  });

  test('refused where nobody listens', async () => {
    const outcome = await dial(
      { addresses: [await deadAddress()], budgetMs: 5_000 },
      loopback.wheel,
    );
    expect(failed(outcome)).toBe('refused');
  });

  test('unreachable without an address', async () => {
    expect(failed(await dial({ addresses: [], budgetMs: 5_000 }, loopback.wheel))).toBe(
      'unreachable',
    );
  });

  test('unknown-host for a name that has no address', async () => {
    const addresses = [{ host: 'nowhere.invalid', port: 993 }];
    expect(failed(await dial({ addresses, budgetMs: 5_000 }, loopback.wheel))).toBe('unknown-host');
  });

  test('timed-out in a handshake that does not come, within shares of the budget', async () => {
    const addresses = [await silentAddress(), await silentAddress()];
    const outcome = dial({ addresses, budgetMs: 4_000, tls: await dublin() }, loopback.wheel);
    clock.advance(1_999);
    expect(clock.timerCount).toBe(1);
    clock.advance(1);
    await until(() => clock.timerCount === 1);
    clock.advance(2_000);
    const result = await outcome;
    expect(failed(result)).toBe('timed-out');
    expect(!result.ok && result.attempts.map((attempt) => attempt.reason)).toEqual([
      'timed-out',
      'timed-out',
    ]);
  });

  test('tls-wrong-name for another site’s certificate', async () => {
    const addresses = [await listenTls(['oslo.example'])];
    const outcome = await dial({ addresses, budgetMs: 5_000, tls: await dublin() }, loopback.wheel);
    expect(failed(outcome)).toBe('tls-wrong-name');
  });

  test('tls-bad-certificate for another authority', async () => {
    const now = Date.now();
    const validity = { notBefore: new Date(now - 1e7), notAfter: new Date(now + 1e7) };
    const stranger = await createCertificateAuthority({ name: 'Test authority', ...validity });
    const tls = { client: new ClientTls({ ca: stranger.cert }), serverName: 'dublin.example' };
    const outcome = await dial(
      { addresses: [await listenTls()], budgetMs: 5_000, tls },
      loopback.wheel,
    );
    expect(failed(outcome)).toBe('tls-bad-certificate');
  });

  test('tls-failed where plaintext is spoken', async () => {
    const addresses = [await scriptedAddress('* OK not TLS\r\n')];
    const outcome = await dial({ addresses, budgetMs: 5_000, tls: await dublin() }, loopback.wheel);
    expect(failed(outcome)).toBe('tls-failed');
  });

  test('tls-failed or broken where the connection is cut in the handshake', async () => {
    const addresses = [await scriptedAddress(undefined)];
    const outcome = await dial({ addresses, budgetMs: 5_000, tls: await dublin() }, loopback.wheel);
    expect(failed(outcome)).toMatch(/^(tls-failed|broken)$/);
  });

  test('aborted before, while connecting and in the handshake', async () => {
    const addresses = [await silentAddress()];
    const before = AbortSignal.abort();
    const tls = await dublin();
    expect(failed(await dial({ addresses, budgetMs: 5_000, signal: before }, loopback.wheel))).toBe(
      'aborted',
    );
    const controller = new AbortController();
    const { signal } = controller;
    const outcome = dial({ addresses, budgetMs: 5_000, signal, tls }, loopback.wheel);
    setImmediate(() => controller.abort());
    expect(failed(await outcome)).toBe('aborted');
    expect(clock.timerCount).toBe(0);
  });
});

describe('dialFailure()', () => {
  test.each([
    ['ENETUNREACH', false, 'unreachable'],
    ['EHOSTUNREACH', false, 'unreachable'],
    ['ETIMEDOUT', false, 'timed-out'],
    ['EMFILE', false, 'out-of-resources'],
    ['ECONNRESET', false, 'broken'],
    ['ECONNRESET', true, 'tls-failed'],
    ['CERT_HAS_EXPIRED', true, 'tls-bad-certificate'],
    ['SELF_SIGNED_CERT_IN_CHAIN', true, 'tls-bad-certificate'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', true, 'tls-bad-certificate'],
    ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', true, 'tls-failed'],
    ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', true, 'tls-failed'],
    ['EPROTO', true, 'tls-failed'],
  ] as const)('reads %s (handshake: %s) as %s', (code, isInHandshake, reason) => {
    const error = Object.assign(new Error('x'), { code });
    expect(dialFailure(error, isInHandshake)).toEqual({ reason, detail: code });
  });

  test('reads the first of several', () => {
    const error = new AggregateError([Object.assign(new Error('x'), { code: 'ECONNREFUSED' })]);
    expect(dialFailure(error, false).reason).toBe('refused');
  });
});

describe('ClientTls', () => {
  test('keeps a bounded number of sessions, the newest of each peer', async () => {
    const client = new ClientTls({ ca: (await testAuthority()).cert, sessionCacheEntries: 2 });
    for (const peer of ['a', 'b', 'a', 'c']) client.keepSession(peer, Buffer.from(peer), 0);
    expect(['a', 'b', 'c'].map((peer) => client.findSession(peer)?.toString())).toEqual([
      'a',
      undefined,
      'c',
    ]);
    client.forgetSession('a');
    expect(client.findSession('a')).toBeUndefined();
  });

  test('wants a session of a peer again when the kept one is a minute old or disliked', async () => {
    const client = new ClientTls({ ca: (await testAuthority()).cert });
    expect(client.wantsSession('a', 0)).toBe(true);
    client.keepSession('a', Buffer.from('a'), 1_000);
    expect([60_999, 61_000].map((nowMs) => client.wantsSession('a', nowMs))).toEqual([false, true]);
    client.forgetSession('a');
    expect(client.wantsSession('a', 1_001)).toBe(true);
  });

  test('keeps none when it is told so', async () => {
    const client = new ClientTls({ ca: (await testAuthority()).cert, sessionCacheEntries: 0 });
    client.keepSession('a', Buffer.from('a'), 0);
    expect(client.findSession('a')).toBeUndefined();
  });

  test('throws on an authority that is none', () => {
    expect(
      () => new ClientTls({ ca: '-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----' }),
    ).toThrow(/PEM|asn1|certificate|routines/i);
  });
});
