import { spawnSync } from 'node:child_process';
import type { Socket } from 'node:net';
import { type Duplex, duplexPair } from 'node:stream';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AcceptLimits } from './accept-limits.ts';
import type { Listener, ListenerOptions } from './listener.ts';
import { formatEndpoint } from './listener.ts';
import type { Endpoint } from './peer-facts.ts';
import { formatProxyHeader, type ProxyExtras, type ProxyHeader } from './proxy-protocol/index.ts';
import { createProxyProtocolStep, type ProxyProtocolMode } from './proxy-protocol-step.ts';
import type { SocketStream } from './socket-stream.ts';
import { Loopback, once, readAll, readUntil, testAuthority, until } from './testing/loopback.ts';
import { ManualClock } from './testing/manual-clock.ts';

const CLIENT: Endpoint = { address: '203.0.113.9', port: 40_000 };
const ENDS = {
  family: 'ipv4',
  transport: 'stream',
  source: CLIENT,
  destination: { address: '198.51.100.7', port: 993 },
} as const;
const HEADER: ProxyHeader = { version: 2, command: 'proxy', ends: ENDS, extras: {} };
const OCTETS = formatProxyHeader(HEADER);
const LINE = formatProxyHeader({ ...HEADER, version: 1 });
const GREETING = '* OK ready\r\n';

let clock: ManualClock;
let loopback: Loopback;
let refusals: (readonly (string | undefined)[])[];
let streams: SocketStream[];
/** The server's ends, in order. */
let accepted: Socket[];

beforeEach(() => {
  clock = new ManualClock();
  loopback = new Loopback(clock);
  refusals = [];
  streams = [];
  accepted = [];
});
afterEach(() => loopback.close());

/** Greets, then sends back whatever comes, until the peer ends. */
async function serve(stream: SocketStream): Promise<void> {
  streams.push(stream);
  void stream.write(GREETING);
  for (;;) {
    const octets = await stream.read();
    if (typeof octets === 'string') break;
    await stream.write(octets);
  }
  await stream.end();
}

async function listen(
  mode: ProxyProtocolMode,
  isTrusted: boolean,
  options: Partial<ListenerOptions> = {},
): Promise<Listener> {
  const trustedNetworks = isTrusted ? ['127.0.0.0/8', '::1'] : ['192.0.2.0/24'];
  return loopback.listen({
    steps: [
      ({ socket }) => {
        accepted.push(socket);
        return undefined;
      },
      createProxyProtocolStep({ mode, trustedNetworks }, loopback.wheel),
    ],
    onConnection: (stream) => void serve(stream),
    onRefused: (reason, remote, detail, via) => {
      refusals.push([reason, remote.address, detail, via && formatEndpoint(via)]);
    },
    ...options,
  });
}

async function listenTls(mode: ProxyProtocolMode, isTrusted: boolean): Promise<number> {
  const implicitTls = { tls: await loopback.serverTls(), handshakeLimitMs: 10_000 };
  return (await listen(mode, isTrusted, { implicitTls })).local.port;
}

/** TLS over a socket that is connected already, and has sent what it has to. */
async function encrypt(socket: Duplex): Promise<TLSSocket> {
  const ca = (await testAuthority()).cert;
  const secure = connectTls({ servername: 'mail.example', ca, socket });
  secure.on('error', () => {});
  loopback.onClose(() => secure.destroy());
  await once(secure, 'secureConnect');
  return secure;
}

async function send(port: number, ...octets: readonly (Uint8Array | string)[]): Promise<Socket> {
  const socket = await loopback.client(port);
  for (const part of octets) socket.write(part);
  return socket;
}

const TRUSTED = true;
const STRANGER = false;

describe('createProxyProtocolStep() for a trusted balancer', () => {
  test.each([
    ['version 1', LINE],
    ['version 2', OCTETS],
  ])('gives the client’s address of %s to all, and keeps the balancer’s', async (_, header) => {
    const { local } = await listen('required', TRUSTED);
    const socket = await send(local.port, header, 'a1 NOOP\r\n');
    expect(await readUntil(socket, 'NOOP\r\n')).toBe(`${GREETING}a1 NOOP\r\n`);
    expect(streams[0]?.remote).toEqual(CLIENT);
    expect(streams[0]?.via).toEqual({ address: '127.0.0.1', port: socket.localPort });
    expect(streams[0]?.proxy?.destination).toEqual(ENDS.destination);
    expect(streams[0]?.proxyTls).toBeUndefined();
    // The limit for the header is over and done with.
    clock.advance(10_000);
    socket.write('x');
    expect(await readUntil(socket, 'x')).toBe('x');
  });

  test('reads a header that comes one octet at a time', async () => {
    const { local } = await listen('required', TRUSTED);
    const socket = await loopback.client(local.port);
    await until(() => accepted.length === 1);
    const server = accepted[0]!;
    for (const octet of Buffer.concat([OCTETS, Buffer.from('x')])) {
      const before = server.bytesRead;
      socket.write(Uint8Array.of(octet));
      await until(() => server.bytesRead > before);
    }
    expect(await readUntil(socket, 'x')).toBe(`${GREETING}x`);
    expect(streams[0]?.remote).toEqual(CLIENT);
  });

  test('loses nothing of what comes right behind the header', async () => {
    const { local } = await listen('required', TRUSTED);
    const words = `${'0123456789abcdef'.repeat(20_000)}.`;
    const socket = await send(local.port, Buffer.concat([OCTETS, Buffer.from(words)]));
    expect(await readUntil(socket, '.')).toBe(GREETING + words);
  });

  test.each(['', 'bye'])('sees the end that comes with the header and %j', async (words) => {
    const { local } = await listen('required', TRUSTED);
    const socket = await loopback.client(local.port);
    const received = readAll(socket);
    socket.end(Buffer.concat([OCTETS, Buffer.from(words)]));
    expect((await received).toString()).toBe(GREETING + words);
    expect(await streams[0]?.closed).toMatchObject({ how: 'ended' });
  });

  test('goes on with TLS behind the header', async () => {
    const port = await listenTls('required', TRUSTED);
    const secure = await encrypt(await send(port, OCTETS));
    secure.write('x');
    expect(await readUntil(secure, 'x')).toBe(`${GREETING}x`);
    expect(streams[0]?.remote).toEqual(CLIENT);
    expect(streams[0]?.via?.address).toBe('127.0.0.1');
    expect(streams[0]?.tls?.version).toBe('TLSv1.3');
  });

  test('goes on with TLS that comes in one packet with the header, or in pieces', async () => {
    const port = await listenTls('required', TRUSTED);
    for (const cutAt of [0, 1, OCTETS.length - 1]) {
      const socket = await loopback.client(port);
      const [inner, outer] = duplexPair();
      socket.write(OCTETS.subarray(0, cutAt));
      outer.once('data', (hello: Buffer) => {
        socket.write(Buffer.concat([OCTETS.subarray(cutAt), hello]));
        outer.pipe(socket);
      });
      socket.pipe(outer);
      const secure = await encrypt(inner);
      secure.write('x');
      expect(await readUntil(secure, 'x')).toBe(`${GREETING}x`);
    }
    expect(streams.map(({ remote }) => remote)).toEqual([CLIENT, CLIENT, CLIENT]);
  });

  test.each<[string, ProxyHeader | string, string | undefined]>([
    ['LOCAL', { ...HEADER, command: 'local' }, undefined],
    ['UNSPEC', { ...HEADER, ends: undefined }, '127.0.0.1'],
    ['UNKNOWN', 'PROXY UNKNOWN 203.0.113.9 x\r\n', '127.0.0.1'],
    ['a datagram', { ...HEADER, ends: { ...ENDS, transport: 'datagram' } }, '127.0.0.1'],
    [
      'a Unix socket',
      {
        ...HEADER,
        ends: { family: 'unix', transport: 'stream', sourcePath: '/a', destinationPath: '/b' },
      },
      '127.0.0.1',
    ],
  ])('keeps the socket’s address for %s', async (_, header, via) => {
    const { local } = await listen('required', TRUSTED);
    const octets = typeof header === 'string' ? header : formatProxyHeader(header);
    const socket = await send(local.port, octets);
    await readUntil(socket, GREETING);
    expect(streams[0]?.remote).toEqual({ address: '127.0.0.1', port: socket.localPort });
    expect(streams[0]?.via?.address).toBe(via);
    expect(streams[0]?.proxy?.command).toBe(via === undefined ? 'local' : 'proxy');
  });

  test('shows an IPv4 client as IPv4, however the balancer writes it', async () => {
    const { local } = await listen('required', TRUSTED);
    const socket = await send(local.port, 'PROXY TCP6 ::ffff:203.0.113.9 ::1 40000 993\r\n');
    await readUntil(socket, GREETING);
    expect(streams[0]?.remote).toEqual(CLIENT);
  });

  test.each<[string, ProxyExtras, object | undefined]>([
    ['no TLS', {}, undefined],
    ['plaintext', { tls: tlsVector({ isEncrypted: false }) }, undefined],
    [
      'TLS without a client certificate',
      { tls: tlsVector({ version: 'TLSv1.3', cipher: 'AES' }), authority: 'mail.example' },
      {
        version: 'TLSv1.3',
        cipher: 'AES',
        serverName: 'mail.example',
        alpn: undefined,
        clientCertificate: undefined,
      },
    ],
    [
      'a verified client certificate',
      { tls: tlsVector({ hasCertificate: true, commonName: 'anna' }), alpn: 'imap' },
      { alpn: 'imap', clientCertificate: { isVerified: true, commonName: 'anna' } },
    ],
    [
      'one that is not verified',
      { tls: tlsVector({ hasSessionCertificate: true, verifyResult: 18 }) },
      { clientCertificate: { isVerified: false } },
    ],
  ])('tells of %s between client and balancer', async (_, extras, expected) => {
    const { local } = await listen('required', TRUSTED);
    const header = formatProxyHeader({ ...HEADER, extras }, { hasChecksum: true });
    await readUntil(await send(local.port, header), GREETING);
    if (expected === undefined) expect(streams[0]?.proxyTls).toBeUndefined();
    else expect(streams[0]?.proxyTls).toMatchObject(expected);
  });

  test.each(['at once', 'later'])('takes a check that ends %s before TLS for one', async (when) => {
    const port = await listenTls('required', TRUSTED);
    const socket = await send(port, formatProxyHeader({ ...HEADER, command: 'local' }));
    if (when === 'later') await until(() => accepted.length === 1 && accepted[0]!.bytesRead > 0);
    if (when === 'later') await turns();
    socket.end();
    await until(() => refusals.length === 1);
    expect(refusals[0]?.slice(0, 2)).toEqual(['gone', '127.0.0.1']);
  });

  test('sees the end that came long before it looked', async () => {
    const slow = async ({ socket }: { readonly socket: Socket }): Promise<undefined> => {
      await until(() => socket.readableLength > 0);
      await turns();
    };
    const options = { mode: 'required', trustedNetworks: ['127.0.0.0/8'] } as const;
    const steps = [slow, createProxyProtocolStep(options, loopback.wheel)];
    const implicitTls = { tls: await loopback.serverTls(), handshakeLimitMs: 10_000 };
    const plain = await listen('required', TRUSTED, { steps });
    const encrypted = await listen('required', TRUSTED, { steps, implicitTls });
    const check = formatProxyHeader({ ...HEADER, command: 'local' });
    // The beginning of a ClientHello (RFC 8446 §4.1.2).
    const hello = Buffer.from([22, 3, 1, 2, 0, 1, 0, 1, 252]);
    for (const [{ local }, octets, answer] of [
      [plain, check, GREETING],
      [encrypted, check, ''],
      [encrypted, Buffer.concat([check, hello]), ''],
    ] as const) {
      const socket = await loopback.client(local.port);
      const received = readAll(socket);
      socket.end(octets);
      expect((await received).toString()).toBe(answer);
    }
    expect(refusals.map(([reason]) => reason)).toEqual(['gone', 'gone']);
  });

  test('takes a check that is reset before it was accepted for one', async () => {
    const { local } = await listen('required', TRUSTED);
    // HAProxy's checks end so. Another process resets while this one is held up.
    const script = `const s = require('node:net').connect(${local.port}, '127.0.0.1', () => {
      s.write('PROXY UNKNOWN\\r\\n', () => s.resetAndDestroy());
    });`;
    spawnSync(process.execPath, ['-e', script]);
    await until(() => refusals.length === 1);
    expect(refusals[0]?.[0]).toBe('gone');
  });

  test('counts the client’s address, not the balancer’s', async () => {
    const limits = new AcceptLimits({ total: 10, perAddress: 1 });
    const { local } = await listen('required', TRUSTED, { limits });
    await readUntil(await send(local.port, OCTETS), GREETING);
    await readAll(await send(local.port, OCTETS));
    const other = { ...ENDS, source: { address: '203.0.113.10', port: 1 } };
    const third = await send(local.port, formatProxyHeader({ ...HEADER, ends: other }));
    await readUntil(third, GREETING);
    expect(refusals).toEqual([
      ['too-many-from-address', CLIENT.address, undefined, expect.stringMatching(/^127\.0\.0\.1:/)],
    ]);
  });
});

function tlsVector(given: Partial<ProxyExtras['tls']>): NonNullable<ProxyExtras['tls']> {
  return {
    isEncrypted: true,
    hasCertificate: false,
    hasSessionCertificate: false,
    verifyResult: 0,
    ...given,
  };
}

describe('createProxyProtocolStep() that refuses', () => {
  const FROM_STRANGER = [
    'proxy-header-from-stranger',
    '127.0.0.1',
    'the address is not in the trusted networks',
    undefined,
  ];

  test.each([
    ['a1 LOGIN anna secret\r\n', 'something else came'],
    ['\x16\x03\x01', 'something else came'],
  ])('%j where a header is required', async (words, detail) => {
    const { local } = await listen('required', TRUSTED);
    expect((await readAll(await send(local.port, words))).length).toBe(0);
    expect(refusals).toEqual([['proxy-header-missing', '127.0.0.1', detail, undefined]]);
  });

  test('a TLS client where a header is required', async () => {
    const port = await listenTls('required', TRUSTED);
    await expect(loopback.tlsClient(port)).rejects.toThrow(/reset|disconnected|closed|hang up/i);
    await until(() => refusals.length === 1);
    expect(refusals[0]?.[0]).toBe('proxy-header-missing');
  });

  test('silence where a header is required, after three seconds', async () => {
    const { local } = await listen('required', TRUSTED);
    const received = readAll(await loopback.client(local.port));
    await until(() => clock.timerCount > 0);
    clock.advance(2_900);
    expect(refusals).toEqual([]);
    clock.advance(700);
    await received;
    expect(refusals).toEqual([
      ['proxy-header-missing', '127.0.0.1', 'nothing came within the limit', undefined],
    ]);
    expect(clock.timerCount).toBe(0);
  });

  test.each<[string, Uint8Array | string, string]>([
    ['a wrong address', 'PROXY TCP4 203.0.113.999 198.51.100.7 1 2\r\n', 'bad-address'],
    ['a wrong checksum', damagedChecksum(), 'bad-checksum'],
  ])('%s', async (_, octets, fault) => {
    for (const mode of ['required', 'optional'] as const) {
      const { local } = await listen(mode, TRUSTED);
      expect((await readAll(await send(local.port, octets))).length).toBe(0);
      expect(refusals.at(-1)).toEqual(['bad-proxy-header', '127.0.0.1', fault, undefined]);
    }
  });

  test('a header whose end does not come', async () => {
    const { local } = await listen('optional', TRUSTED);
    const received = readAll(await send(local.port, OCTETS.subarray(0, 20)));
    await until(() => clock.timerCount > 0);
    await turns();
    clock.advance(3_600);
    await received;
    expect(refusals).toEqual([['bad-proxy-header', '127.0.0.1', 'timed-out', undefined]]);
  });

  test('a header that is cut short', async () => {
    const { local } = await listen('required', TRUSTED);
    const socket = await loopback.client(local.port);
    const received = readAll(socket);
    socket.end(OCTETS.subarray(0, 20));
    await received;
    expect(refusals).toEqual([['bad-proxy-header', '127.0.0.1', 'cut-short', undefined]]);
    expectNothingPending();
  });

  test.each(['end', 'resetAndDestroy'] as const)(
    'nobody: a peer that leaves by %s',
    async (how) => {
      const { local } = await listen('required', TRUSTED);
      const socket = await loopback.client(local.port);
      await until(() => clock.timerCount > 0);
      socket[how]();
      await until(() => refusals.length === 1);
      expect(refusals[0]?.[0]).toBe('gone');
      expectNothingPending();
    },
  );

  test.each([
    ['version 1', LINE],
    ['version 2', OCTETS],
    ['a malformed one', Buffer.from('PROXY nonsense\r\n')],
  ])('a stranger’s header of %s where one is required', async (_, octets) => {
    const { local } = await listen('required', STRANGER);
    await readAll(await send(local.port, octets));
    expect(refusals).toEqual([FROM_STRANGER]);
    expect(streams).toEqual([]);
  });

  test('a stranger without a header where one is required, naming both reasons', async () => {
    const { local } = await listen('required', STRANGER);
    await readAll(await send(local.port, 'a1 NOOP\r\n'));
    expect(refusals[0]?.slice(0, 3)).toEqual([
      'proxy-header-missing',
      '127.0.0.1',
      'something else came, and the address is not in the trusted networks',
    ]);
  });

  test('a stranger’s header before TLS where one is optional', async () => {
    const port = await listenTls('optional', STRANGER);
    await readAll(await send(port, OCTETS));
    expect(refusals).toEqual([FROM_STRANGER]);
  });

  test.each([
    ['version 1', LINE],
    ['version 2', OCTETS],
  ])('a stranger’s header of %s though it was greeted already', async (_, octets) => {
    const { local } = await listen('optional', STRANGER);
    const socket = await loopback.client(local.port);
    const received = readAll(socket);
    for (const octet of octets.subarray(0, 3)) socket.write(Uint8Array.of(octet));
    await until(() => socket.bytesRead > 0);
    socket.write(octets.subarray(3));
    // The first octets of a signature mean nothing to anybody.
    expect((await received).toString('latin1')).not.toContain('203');
    expect(refusals[0]?.slice(0, 2)).toEqual(['proxy-header-from-stranger', '127.0.0.1']);
    expect(streams[0]?.remote.address).toBe('127.0.0.1');
    expect(await streams[0]?.closed).toEqual({
      how: 'destroyed',
      detail: 'proxy-header-from-stranger',
    });
  });

  test('settles when the listener closes while it waits', async () => {
    const listener = await listen('required', TRUSTED);
    await loopback.client(listener.local.port);
    await until(() => clock.timerCount > 0);
    await listener.close();
    await until(() => refusals.length === 1);
    expect(refusals[0]?.[0]).toBe('gone');
    expectNothingPending();
  });
});

/** The wheel lets its timer go when it finds nothing to wait for. */
function expectNothingPending(): void {
  clock.advance(10_000);
  expect(clock.timerCount).toBe(0);
  expect(refusals).toHaveLength(1);
}

function damagedChecksum(): Buffer {
  const octets = formatProxyHeader(HEADER, { hasChecksum: true });
  octets[20] = (octets[20] ?? 0) ^ 1;
  return octets;
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}

describe('createProxyProtocolStep() where a header is optional', () => {
  test('greets a stranger at once and takes its first words', async () => {
    const { local } = await listen('optional', STRANGER);
    const socket = await loopback.client(local.port);
    await readUntil(socket, GREETING);
    for (const words of ['\r', '\nPROXY ', 'x.']) socket.write(words);
    expect(await readUntil(socket, '.')).toBe('\r\nPROXY x.');
    expect(streams[0]?.via).toBeUndefined();
    expect(refusals).toEqual([]);
  });

  test.each([TRUSTED, STRANGER])('lets TLS clients in (trusted: %s)', async (isTrusted) => {
    const port = await listenTls('optional', isTrusted);
    const secure = await loopback.tlsClient(port);
    await readUntil(secure, GREETING);
    expect(streams[0]?.remote.address).toBe('127.0.0.1');
    expect(streams[0]?.proxy).toBeUndefined();
  });

  test('greets a trusted client without a header after the limit', async () => {
    const { local } = await listen('optional', TRUSTED);
    const socket = await loopback.client(local.port);
    const greeting = readUntil(socket, GREETING);
    await until(() => clock.timerCount > 0);
    clock.advance(3_600);
    await greeting;
    socket.write('x');
    expect(await readUntil(socket, 'x')).toBe('x');
  });

  test('believes a trusted balancer', async () => {
    const { local } = await listen('optional', TRUSTED);
    await readUntil(await send(local.port, OCTETS), GREETING);
    expect(streams[0]?.remote).toEqual(CLIENT);
  });
});

test('createProxyProtocolStep() that is off looks at nothing', async () => {
  const { local } = await listen('off', TRUSTED);
  const socket = await send(local.port, 'PROXY UNKNOWN\r\n');
  expect(await readUntil(socket, 'UNKNOWN\r\n')).toBe(`${GREETING}PROXY UNKNOWN\r\n`);
  expect(streams[0]?.remote.address).toBe('127.0.0.1');
});

test('createProxyProtocolStep() throws on what is no network', () => {
  const options = { mode: 'required', trustedNetworks: ['localhost'] } as const;
  expect(() => createProxyProtocolStep(options, loopback.wheel)).toThrow(TypeError);
});
