import type { Socket } from 'node:net';
import { duplexPair } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AcceptLimits } from './accept-limits.ts';
import type { AcceptRefusal } from './accepting.ts';
import { openListener } from './listener.ts';
import type { SocketStream } from './socket-stream.ts';
import { Loopback, once, readAll, readUntil, testAuthority, until } from './testing/loopback.ts';
import { ManualClock } from './testing/manual-clock.ts';
import { upgradeToTls } from './tls-upgrade.ts';

let clock: ManualClock;
let loopback: Loopback;
let refusals: AcceptRefusal[];
const onRefused = (reason: AcceptRefusal): void => {
  refusals.push(reason);
};

beforeEach(() => {
  clock = new ManualClock();
  loopback = new Loopback(clock);
  refusals = [];
});
afterEach(() => loopback.close());

/** Sends back whatever comes, until the peer ends. */
async function echo(stream: SocketStream): Promise<void> {
  for (;;) {
    const octets = await stream.read();
    if (typeof octets === 'string') break;
    await stream.write(octets);
  }
  await stream.end();
}

describe('openListener()', () => {
  test('hands over plaintext connections', async () => {
    const listener = await loopback.listen({ onConnection: (stream) => void echo(stream) });
    const socket = await loopback.client(listener.local.port);
    const received = readAll(socket);
    socket.end('hello');
    expect((await received).toString()).toBe('hello');
  });

  test('says that the port is taken', async () => {
    const { local } = await loopback.listen();
    const options = { limits: new AcceptLimits(), onConnection: () => {} };
    const second = await openListener(
      { host: '127.0.0.1', port: local.port, ...options },
      loopback.wheel,
    );
    expect(second).toMatchObject({ ok: false, reason: 'address-in-use' });
  });

  test('says that the address is not ours', async () => {
    const options = { limits: new AcceptLimits(), onConnection: () => {} };
    const opened = await openListener({ host: '192.0.2.1', port: 0, ...options }, loopback.wheel);
    expect(opened).toMatchObject({ ok: false, reason: 'no-such-address' });
  });

  test('shares a port with another listener if both ask for it', async () => {
    const first = await loopback.listen({ reusePort: true });
    const second = await loopback.listen({ reusePort: true, port: first.local.port });
    expect(second.local.port).toBe(first.local.port);
  });

  test('runs its steps in order; one may refuse', async () => {
    const seen: string[] = [];
    const listener = await loopback.listen({
      onRefused,
      onConnection: (stream) => {
        seen.push(stream.remote.address);
        stream.destroy('test');
      },
      steps: [
        async (connection) => {
          await Promise.resolve();
          connection.remote = { address: `192.0.2.${seen.length + 1}`, port: 1 };
          return undefined;
        },
        ({ remote }) => (remote.address === '192.0.2.2' ? 'bad-proxy-header' : undefined),
      ],
    });
    for (let count = 0; count < 2; count++) {
      await readAll(await loopback.client(listener.local.port));
    }
    expect(seen).toEqual(['192.0.2.1']);
    expect(refusals).toEqual(['bad-proxy-header']);
  });
});

describe('AcceptLimits', () => {
  test('refuses one connection too many, with the protocol’s words, and heals', async () => {
    const limits = new AcceptLimits({ total: 1, perAddress: 10 });
    const listener = await loopback.listen({
      limits,
      onRefused,
      onConnection: (stream) => void echo(stream),
      refusalWords: (reason) => `* BYE ${reason}\r\n`,
    });
    const first = await loopback.client(listener.local.port);
    await until(() => limits.connectionCount === 1);
    const second = await loopback.client(listener.local.port);
    expect((await readAll(second)).toString()).toBe('* BYE too-many-connections\r\n');
    first.destroy();
    await until(() => limits.connectionCount === 0);
    const third = await loopback.client(listener.local.port);
    third.write('x');
    expect(await readUntil(third, 'x')).toBe('x');
    expect(refusals).toEqual(['too-many-connections']);
  });

  test('counts by address, over several listeners, and changes live', async () => {
    const limits = new AcceptLimits({ total: 100, perAddress: 1 });
    const options = {
      limits,
      onRefused,
      onConnection: (stream: SocketStream) => void echo(stream),
    };
    const [one, two] = [await loopback.listen(options), await loopback.listen(options)];
    const first = await loopback.client(one.local.port);
    await until(() => limits.connectionCount === 1);
    await readAll(await loopback.client(two.local.port));
    expect(refusals).toEqual(['too-many-from-address']);
    limits.setLimits({ total: 100, perAddress: 2 });
    const third = await loopback.client(two.local.port);
    third.write('x');
    expect(await readUntil(third, 'x')).toBe('x');
    first.destroy();
    third.destroy();
    await until(() => limits.connectionCount === 0);
    expect([1, 2].map(() => limits.claimAddress('127.0.0.1'))).toEqual(['127.0.0.1', '127.0.0.1']);
  });

  test('counts a /64 of IPv6 as one address, also behind a balancer', async () => {
    const limits = new AcceptLimits({ total: 100, perAddress: 1 });
    const clients = ['2001:db8:1:2::7', '2001:db8:1:2:a:b:c:d', '2001:db8:1:3::7'];
    const seen: string[] = [];
    const listener = await loopback.listen({
      limits,
      steps: [
        (connection) => {
          connection.remote = { address: clients.shift() ?? '', port: 1 };
          return undefined;
        },
      ],
      onRefused,
      onConnection(stream) {
        seen.push(stream.remote.address);
        void echo(stream);
      },
      refusalWords: (reason, { address }) => `* BYE ${reason} ${address}\r\n`,
    });
    const first = await loopback.client(listener.local.port);
    await until(() => seen.length === 1);
    const second = await loopback.client(listener.local.port);
    const words = '* BYE too-many-from-address 2001:db8:1:2:a:b:c:d\r\n';
    expect((await readAll(second)).toString()).toBe(words);
    const third = await loopback.client(listener.local.port);
    await until(() => seen.length === 2);
    expect(seen).toEqual(['2001:db8:1:2::7', '2001:db8:1:3::7']);
    first.destroy();
    third.destroy();
    await until(() => limits.connectionCount === 0);
    // All places were given back as what they were counted.
    expect(limits.claimAddress('2001:db8:1:2::8')).toBe('2001:db8:1:2::/64');
  });

  test('takes no place of a /64 for an address in it that has no limit', () => {
    const webmail = '2001:db8:1:2::80';
    const isExempt = (address: string): boolean => address === webmail;
    const limits = new AcceptLimits({ total: 100, perAddress: 1, isExempt });
    expect([1, 2].map(() => limits.claimAddress(webmail))).toEqual([webmail, webmail]);
    expect(limits.claimAddress('2001:db8:1:2::7')).toBe('2001:db8:1:2::/64');
    expect(limits.claimAddress('2001:db8:1:2::8')).toBeUndefined();
    expect(limits.claimAddress(webmail)).toBe(webmail);
  });
});

describe('Listener with implicit TLS', () => {
  async function listenTls(onConnection: (stream: SocketStream) => void): Promise<number> {
    const tls = await loopback.serverTls();
    const implicitTls = { tls, handshakeLimitMs: 10_000 };
    const listener = await loopback.listen({ implicitTls, onRefused, onConnection });
    return listener.local.port;
  }

  test('hands over what came right behind the handshake, and the facts', async () => {
    const streams: SocketStream[] = [];
    const port = await listenTls((stream) => {
      streams.push(stream);
      void echo(stream);
    });
    const socket = await loopback.tlsClient(port);
    socket.write('x');
    await readUntil(socket, 'x');
    expect(streams[0]?.tls).toMatchObject({
      version: 'TLSv1.3',
      serverName: 'mail.example',
      isResumed: false,
    });
    expect(streams[0]?.tls?.cipher).toMatch(/^TLS_/);
    const label = 'EXPORTER-homeward-ticket';
    expect(streams[0]?.exportKeyingMaterial(32, label)).toEqual(
      socket.exportKeyingMaterial(32, label, Buffer.alloc(0)),
    );
  });

  test('closes in order both ways', async () => {
    const port = await listenTls((stream) => {
      void stream.write('bye');
      void stream.end();
    });
    const socket = await loopback.tlsClient(port);
    expect((await readAll(socket)).toString()).toBe('bye');
  });

  test.each(['a1 LOGIN anna secret\r\n', 'GET / HTTP/1.1\r\n\r\n', '\0'.repeat(100)])(
    'closes on a client that sends %j',
    async (words) => {
      const port = await listenTls(() => expect.unreachable());
      const socket = await loopback.client(port);
      const received = readAll(socket);
      socket.write(words);
      // An alert record at most (RFC 8446 §6), never plaintext.
      expect((await received).length).toBeLessThan(16);
      await until(() => refusals.length === 1);
      expect(refusals).toEqual(['tls-not-tls']);
    },
  );

  test('closes on a client that does not shake hands in time', async () => {
    const port = await listenTls(() => expect.unreachable());
    const socket = await loopback.client(port);
    const received = readAll(socket);
    await until(() => clock.timerCount > 0);
    clock.advance(11_500);
    await received;
    await until(() => refusals.length === 1);
    expect(refusals).toEqual(['tls-timed-out']);
  });

  test('forgets a client that goes away in the middle of its handshake', async () => {
    const port = await listenTls(() => expect.unreachable());
    const socket = await loopback.client(port);
    // The beginning of a ClientHello (RFC 8446 §4.1.2).
    socket.write(Buffer.from([22, 3, 1, 2, 0, 1, 0, 1, 252]));
    await until(() => clock.timerCount > 0);
    socket.resetAndDestroy();
    await until(() => refusals.length === 1);
    expect(refusals).toEqual(['tls-closed']);
  });

  test('reports a client that ends in the middle of its handshake', async () => {
    const port = await listenTls(() => expect.unreachable());
    const socket = await loopback.client(port);
    socket.end(Buffer.from([22, 3, 1, 2, 0, 1, 0, 1, 252]));
    await until(() => refusals.length === 1);
    expect(refusals).toEqual(['tls-closed']);
  });

  test('hears the end of a client that goes right behind its handshake', async () => {
    const closures: unknown[] = [];
    const port = await listenTls((stream) => {
      void echo(stream);
      void stream.closed.then((closure) => closures.push(closure));
    });
    const socket = await loopback.client(port);
    const [inner, outer] = duplexPair();
    socket.pipe(outer);
    const ca = (await testAuthority()).cert;
    const secure = connectTls({ socket: inner, servername: 'mail.example', ca });
    secure.on('error', () => {});
    // What completes the handshake and what ends the connection leave in one packet.
    const flight: Buffer[] = [];
    outer.once('data', (hello: Buffer) => {
      socket.write(hello);
      outer.on('data', (part: Buffer) => flight.push(part));
    });
    await once(secure, 'secureConnect');
    secure.end();
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    socket.end(Buffer.concat(flight));
    await until(() => closures.length === 1);
    expect(closures).toEqual([{ how: 'ended', detail: undefined }]);
  });

  test('refuses a client that knows TLS 1.1 only', async () => {
    const port = await listenTls(() => expect.unreachable());
    await expect(
      loopback.tlsClient(port, {
        maxVersion: 'TLSv1.1',
        minVersion: 'TLSv1.1',
        ciphers: 'DEFAULT:@SECLEVEL=0',
      }),
    ).rejects.toThrow(/protocol|version|handshake|disconnected/);
    await until(() => refusals.length === 1);
    expect(refusals).toEqual(['tls-failed']);
  });
});

describe('upgradeToTls()', () => {
  /** A server that knows STARTTLS and, after it, tells back every line that it sees. */
  async function listenStartTls(): Promise<{ port: number; streams: SocketStream[] }> {
    const tls = await loopback.serverTls();
    const streams: SocketStream[] = [];
    const serve = async (stream: SocketStream): Promise<void> => {
      streams.push(stream);
      await stream.read();
      void stream.write('a1 OK begin\r\n');
      if ((await upgradeToTls(stream, tls, 10_000, loopback.wheel)).ok) await echo(stream);
    };
    const listener = await loopback.listen({ onConnection: (stream) => void serve(stream) });
    return { port: listener.local.port, streams };
  }

  async function encrypt(socket: Socket): Promise<ReturnType<typeof connectTls>> {
    const ca = (await testAuthority()).cert;
    const secure = connectTls({ socket, servername: 'mail.example', ca });
    secure.on('error', () => {});
    loopback.onClose(() => secure.destroy());
    await once(secure, 'secureConnect');
    return secure;
  }

  test('goes on encrypted on the same stream', async () => {
    const { port, streams } = await listenStartTls();
    const socket = await loopback.client(port);
    socket.write('a1 STARTTLS\r\n');
    await readUntil(socket, 'begin\r\n');
    const secure = await encrypt(socket);
    secure.write('a2 NOOP\r\n');
    expect(await readUntil(secure, '\r\n')).toBe('a2 NOOP\r\n');
    expect(streams[0]?.tls?.version).toBe('TLSv1.3');
    expect(streams[0]?.isOpen).toBe(true);
  });

  test('drops what was put back on the stream', async () => {
    const tls = await loopback.serverTls();
    const { stream, socket } = await loopback.pair();
    // One packet with both, of which the dialogue took the first line.
    socket.write('a1 STARTTLS\r\na2 INJECTED\r\n');
    await stream.read();
    stream.unread(Buffer.from('a2 INJECTED\r\n'));
    void stream.write('a1 OK begin\r\n');
    const upgraded = upgradeToTls(stream, tls, 10_000, loopback.wheel);
    await readUntil(socket, 'begin\r\n');
    const secure = await encrypt(socket);
    expect(await upgraded).toEqual({ ok: true });
    secure.write('a3 NOOP\r\n');
    expect(Buffer.from((await stream.read()) as Uint8Array).toString()).toBe('a3 NOOP\r\n');
  });

  test('drops what the socket holds beneath the stream', async () => {
    const tls = await loopback.serverTls();
    const { stream, socket } = await loopback.pair();
    socket.write('a1 STARTTLS\r\n');
    await stream.read();
    // Two packets that nobody reads: one waits in the stream, one in Node's socket.
    for (const words of ['a2 INJECTED\r\n', 'a3 INJECTED\r\n']) {
      const before = socket.bytesWritten;
      socket.write(words);
      await until(() => socket.bytesWritten === before + words.length);
      for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    }
    void stream.write('a1 OK begin\r\n');
    const upgraded = upgradeToTls(stream, tls, 10_000, loopback.wheel);
    await readUntil(socket, 'begin\r\n');
    const secure = await encrypt(socket);
    expect(await upgraded).toEqual({ ok: true });
    secure.write('a4 NOOP\r\n');
    expect(Buffer.from((await stream.read()) as Uint8Array).toString()).toBe('a4 NOOP\r\n');
  });

  test('never takes plaintext for a command after the answer', async () => {
    const { port, streams } = await listenStartTls();
    const socket = await loopback.client(port);
    socket.write('a1 STARTTLS\r\n');
    const received = readAll(socket);
    await until(() => socket.bytesRead > 0);
    socket.write('a2 INJECTED\r\n');
    expect((await received).toString('latin1')).not.toContain('INJECTED');
    expect(await streams[0]?.closed).toEqual({ how: 'destroyed', detail: 'tls-not-tls' });
  });

  test('can be aborted by whoever owns the stream', async () => {
    const tls = await loopback.serverTls();
    const { stream } = await loopback.pair();
    const upgraded = upgradeToTls(stream, tls, 10_000, loopback.wheel);
    stream.destroy('shutting-down');
    expect(await upgraded).toMatchObject({ ok: false, reason: 'closed' });
    expect(await stream.closed).toEqual({ how: 'destroyed', detail: 'shutting-down' });
  });

  test('fails on a stream that is closed', async () => {
    const tls = await loopback.serverTls();
    const { stream } = await loopback.pair();
    stream.destroy('test');
    expect(await upgradeToTls(stream, tls, 10_000, loopback.wheel)).toMatchObject({
      ok: false,
      reason: 'closed',
    });
  });
});

describe('Listener stop and close', () => {
  test('takes no more connections; open ones go on', async () => {
    const listener = await loopback.listen({ onConnection: (stream) => void echo(stream) });
    const socket = await loopback.client(listener.local.port);
    await until(() => listener.connectionCount === 1);
    await listener.stop();
    await expect(loopback.client(listener.local.port)).rejects.toThrow('ECONNREFUSED');
    socket.write('x');
    expect(await readUntil(socket, 'x')).toBe('x');
  });

  test('waits for connections to end, and no longer', async () => {
    const listener = await loopback.listen({ onConnection: (stream) => void echo(stream) });
    const socket = await loopback.client(listener.local.port);
    await until(() => listener.connectionCount === 1);
    const closed = listener.close(60_000);
    socket.end();
    socket.resume();
    await closed;
    expect(listener.connectionCount).toBe(0);
  });

  test('hurries when it is called again', async () => {
    const listener = await loopback.listen();
    await loopback.client(listener.local.port);
    await until(() => listener.connectionCount === 1);
    const draining = listener.close(60_000);
    await listener.close(0);
    await draining;
    expect(clock.timerCount).toBe(0);
  });

  test('cuts those that are left after the bound', async () => {
    const listener = await loopback.listen();
    const socket = await loopback.client(listener.local.port);
    await until(() => listener.connectionCount === 1);
    const received = readAll(socket);
    const closed = listener.close(5_000);
    await until(() => clock.timerCount > 0);
    clock.advance(5_000);
    await closed;
    await received;
    expect(listener.connectionCount).toBe(0);
  });
});
