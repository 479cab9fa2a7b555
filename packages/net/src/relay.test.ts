import { createHash, randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { isUnasked, type IsAnswered } from '@homeward/wire';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ClientTls } from './client-tls.ts';
import { dial } from './dial.ts';
import { type Relay, type RelayOptions, startRelay } from './relay.ts';
import type { SocketStream } from './socket-stream.ts';
import { Loopback, once, readAll, readUntil, testAuthority, until } from './testing/loopback.ts';
import { ManualClock } from './testing/manual-clock.ts';

const MEGABYTE = 1_048_576;
/** A protocol whose answers end with a line `OK`, and which lets nobody else say anything. */
const isAnswered: IsAnswered = (exchange) =>
  isUnasked(exchange) || /(?:^|\n)OK\r\n$/.test(exchange.answer.tail);
let clock: ManualClock;
let loopback: Loopback;
beforeEach(() => {
  clock = new ManualClock();
  loopback = new Loopback(clock);
});
afterEach(() => loopback.close());

interface Setting {
  readonly relay: Relay;
  /** The mail program's end. */
  readonly client: Socket;
  /** The home's end. */
  readonly home: Socket;
}

async function splice(options: Partial<RelayOptions> = {}): Promise<Setting> {
  const [left, right] = [await loopback.pair(), await loopback.pair()];
  const relay = startRelay(
    left.stream,
    right.stream,
    { idleLimitMs: 1_800_000, isAnswered, ...options },
    loopback.wheel,
  );
  return { relay, client: left.socket, home: right.socket };
}

describe('startRelay()', () => {
  test('moves octets both ways and counts them', async () => {
    const { relay, client, home } = await splice();
    client.write('a1 NOOP\r\n');
    expect(await readUntil(home, '\r\n')).toBe('a1 NOOP\r\n');
    home.write('a1 OK\r\n');
    expect(await readUntil(client, '\r\n')).toBe('a1 OK\r\n');
    expect([relay.octetsFromClient, relay.octetsFromUpstream]).toEqual([9, 7]);
  });

  test('passes on first what the streams had received', async () => {
    const [left, right] = [await loopback.pair(), await loopback.pair()];
    left.stream.unread(Buffer.from('early '));
    right.stream.unread(Buffer.from('* OK '));
    const toHome = readUntil(right.socket, 'late');
    const toClient = readUntil(left.socket, 'ready');
    startRelay(left.stream, right.stream, { idleLimitMs: 0, isAnswered }, loopback.wheel);
    left.socket.write('late');
    right.socket.write('ready');
    expect(await toHome).toBe('early late');
    expect(await toClient).toBe('* OK ready');
  });

  test('closes the streams for everyone else', async () => {
    const [left, right] = [await loopback.pair(), await loopback.pair()];
    const pending = left.stream.read();
    startRelay(left.stream, right.stream, { idleLimitMs: 0, isAnswered }, loopback.wheel);
    expect(await pending).toBe('broken');
    expect(await left.stream.closed).toEqual({ how: 'handed-over', detail: undefined });
    expect(left.stream.write('x')).toBeUndefined();
    left.stream.destroy('nothing happens');
    left.socket.write('x');
    expect(await readUntil(right.socket, 'x')).toBe('x');
  });

  test('ends the other side when one is closed already', async () => {
    const [left, right] = [await loopback.pair(), await loopback.pair()];
    right.stream.destroy('test');
    const relay = startRelay(
      left.stream,
      right.stream,
      { idleLimitMs: 0, isAnswered },
      loopback.wheel,
    );
    expect((await readAll(left.socket)).length).toBe(0);
    left.socket.end();
    expect(await relay.ended).toMatchObject({ by: 'upstream', reason: 'broken' });
  });

  test('passes on a side that had ended before', async () => {
    const [left, right] = [await loopback.pair(), await loopback.pair()];
    left.socket.end();
    expect(await left.stream.read()).toBe('ended');
    const relay = startRelay(
      left.stream,
      right.stream,
      { idleLimitMs: 0, isAnswered },
      loopback.wheel,
    );
    await readAll(right.socket);
    right.socket.end();
    expect(await relay.ended).toMatchObject({ by: 'client', reason: 'ended' });
  });

  async function send(socket: Socket, block: Buffer, count: number): Promise<void> {
    for (let index = 0; index < count; index++) {
      if (!socket.write(block)) await once(socket, 'drain');
    }
    socket.end();
  }
  async function digest(socket: Socket): Promise<string> {
    const hash = createHash('sha256');
    socket.on('data', (chunk: Buffer) => hash.update(chunk));
    await once(socket, 'end');
    return hash.digest('hex');
  }
  function expected(block: Buffer, count: number): string {
    const hash = createHash('sha256');
    for (let index = 0; index < count; index++) hash.update(block);
    return hash.digest('hex');
  }

  test('carries 50 MB each way intact', async () => {
    const { relay, client, home } = await splice();
    const [up, down] = [randomBytes(MEGABYTE), randomBytes(MEGABYTE)];
    const digests = Promise.all([digest(home), digest(client)]);
    await Promise.all([send(client, up, 50), send(home, down, 50)]);
    expect(await digests).toEqual([expected(up, 50), expected(down, 50)]);
    expect(await relay.ended).toMatchObject({
      reason: 'ended',
      octetsFromClient: 50 * MEGABYTE,
      octetsFromUpstream: 50 * MEGABYTE,
    });
  });

  test('carries 50 MB each way intact with TLS on both legs', async () => {
    const tls = await loopback.serverTls([['mail.example']]);
    const implicitTls = { tls, handshakeLimitMs: 10_000 };
    const [outer, inner] = [
      Promise.withResolvers<SocketStream>(),
      Promise.withResolvers<SocketStream>(),
    ];
    const front = await loopback.listen({ implicitTls, onConnection: outer.resolve });
    const back = await loopback.listen({ implicitTls, onConnection: inner.resolve });
    const client = await loopback.tlsClient(front.local.port);
    const trust = new ClientTls({ ca: (await testAuthority()).cert });
    const dialled = await dial(
      {
        addresses: [{ host: '127.0.0.1', port: back.local.port }],
        budgetMs: 5_000,
        tls: { client: trust, serverName: 'mail.example' },
      },
      loopback.wheel,
    );
    if (!dialled.ok) return expect.unreachable(dialled.reason);
    const homeStream = (await inner.promise).detach();
    if (homeStream === undefined) return expect.unreachable();
    const home = homeStream.socket;
    home.removeAllListeners('data');
    const relay = startRelay(
      await outer.promise,
      dialled.stream,
      { idleLimitMs: 0, isAnswered },
      loopback.wheel,
    );
    const [up, down] = [randomBytes(MEGABYTE), randomBytes(MEGABYTE)];
    const digests = Promise.all([digest(home), digest(client)]);
    await Promise.all([send(client, up, 50), send(home, down, 50)]);
    expect(await digests).toEqual([expected(up, 50), expected(down, 50)]);
    expect(await relay.ended).toMatchObject({ reason: 'ended', octetsFromUpstream: 50 * MEGABYTE });
    return undefined;
  });
});

describe('Relay back-pressure', () => {
  test('takes no more from the home than a slow client bears', async () => {
    const { relay, client, home } = await splice();
    client.pause();
    const block = Buffer.alloc(MEGABYTE);
    for (let count = 0; count < 100; count++) home.write(block);
    let before = -1;
    while (before !== relay.octetsFromUpstream) {
      before = relay.octetsFromUpstream;
      for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve));
    }
    // Kernel buffers on loopback take some megabytes; the process itself two high-water marks.
    expect(relay.octetsFromUpstream).toBeLessThan(30 * MEGABYTE);
    home.end();
    expect((await readAll(client)).length).toBe(100 * MEGABYTE);
  });
});

describe('Relay ends', () => {
  test('with half-close: the home’s rest comes through after the client’s FIN', async () => {
    const { relay, client, home } = await splice();
    const received = readAll(client);
    client.end('a1 LOGOUT\r\n');
    expect((await readAll(home)).toString()).toBe('a1 LOGOUT\r\n');
    home.end('* BYE\r\na1 OK\r\n');
    expect((await received).toString()).toBe('* BYE\r\na1 OK\r\n');
    expect(await relay.ended).toEqual({
      by: 'client',
      reason: 'ended',
      detail: undefined,
      octetsFromClient: 11,
      octetsFromUpstream: 14,
    });
    expect(clock.timerCount).toBeLessThanOrEqual(1);
  });

  test('when the home dies: the client gets what was on its way, then the end', async () => {
    const { relay, client, home } = await splice();
    home.write('* 1 EXISTS\r\n');
    await readUntil(client, '\r\n');
    const received = readAll(client);
    home.resetAndDestroy();
    await received;
    client.end();
    expect(await relay.ended).toMatchObject({
      by: 'upstream',
      reason: 'broken',
      detail: 'ECONNRESET',
    });
  });

  test('when the client dies', async () => {
    const { relay, client, home } = await splice();
    const received = readAll(home);
    client.resetAndDestroy();
    await received;
    home.end();
    expect(await relay.ended).toMatchObject({ by: 'client', reason: 'broken' });
  });

  test('by cutting a side that does not close after the other did', async () => {
    const { relay, client, home } = await splice({ halfCloseLimitMs: 10_000 });
    client.end();
    await readAll(home);
    clock.advance(12_000);
    expect(await relay.ended).toMatchObject({ by: 'client', reason: 'ended' });
  });

  test('by cutting a client that has its home’s last words and does not close', async () => {
    const { relay, client, home } = await splice();
    home.end('* BYE\r\n');
    expect((await readAll(client)).toString()).toBe('* BYE\r\n');
    clock.advance(3_500);
    expect(await relay.ended).toMatchObject({ by: 'upstream', reason: 'ended' });
  });

  test('by the idle limit, which any octet puts off, with words for the client', async () => {
    const { relay, client, home } = await splice({
      idleLimitMs: 60_000,
      idleWords: '* BYE idle\r\n',
    });
    for (let round = 0; round < 3; round++) {
      clock.advance(45_000);
      home.write('* OK still here\r\n');
      await readUntil(client, '\r\n');
    }
    const received = readAll(client);
    clock.advance(61_000);
    expect((await received).toString()).toBe('* BYE idle\r\n');
    client.end();
    home.end();
    expect(await relay.ended).toMatchObject({ by: 'us', reason: 'timed-out' });
  });

  test('by stop, with last words between two lines', async () => {
    const { relay, client, home } = await splice();
    const received = readAll(client);
    const stopped = relay.stop('* BYE shutting down\r\n');
    expect((await received).toString()).toBe('* BYE shutting down\r\n');
    client.end();
    home.end();
    expect(await stopped).toMatchObject({ by: 'us', reason: 'stopped' });
  });

  test.each([
    ['while a command is under way', 'FETCH\r\n', ''],
    ['in the middle of a line', 'FETCH\r\n', 'BODY {100}\r\nabc'],
    ['between two lines of a message', 'FETCH\r\n', 'BODY {100}\r\nA line.\r\n'],
    ['while the client sends', 'APPEND {100}\r\nA line.\r\n', ''],
  ])('by stop, without last words %s', async (_when, asked, answered) => {
    const { relay, client, home } = await splice();
    client.write(asked);
    await readUntil(home, asked);
    home.write(answered);
    if (answered !== '') await readUntil(client, answered);
    clock.advance(60_000);
    const received = readAll(client);
    const stopped = relay.stop('* BYE shutting down\r\n');
    expect((await received).toString()).toBe('');
    client.end();
    home.end();
    await stopped;
  });

  test('by stop, with last words behind an answer', async () => {
    const { relay, client, home } = await splice();
    client.write('NOOP\r\n');
    await readUntil(home, '\r\n');
    home.write('OK\r\n');
    await readUntil(client, '\r\n');
    const received = readAll(client);
    const stopped = relay.stop('* BYE shutting down\r\n');
    expect((await received).toString()).toBe('* BYE shutting down\r\n');
    client.end();
    home.end();
    await stopped;
  });

  test('by the idle limit, without words inside a message', async () => {
    const { relay, client, home } = await splice({
      idleLimitMs: 60_000,
      idleWords: '* BYE idle\r\n',
    });
    client.write('FETCH\r\n');
    await readUntil(home, '\r\n');
    home.write('BODY {100}\r\nA line.\r\n');
    await readUntil(client, 'line.\r\n');
    const received = readAll(client);
    clock.advance(70_000);
    expect((await received).toString()).toBe('');
    client.end();
    home.end();
    expect(await relay.ended).toMatchObject({ by: 'us', reason: 'timed-out' });
  });

  test('by stop within its limit though nobody answers', async () => {
    const { relay } = await splice();
    const stopped = relay.stop('* BYE\r\n', 2_000);
    clock.advance(3_500);
    expect(await stopped).toMatchObject({ by: 'us', reason: 'stopped' });
  });

  describe('by stopWhenQuiet', () => {
    test('at once when both have been silent behind an answer', async () => {
      const { relay, client, home } = await splice();
      client.write('NOOP\r\n');
      await readUntil(home, '\r\n');
      home.write('OK\r\n');
      await readUntil(client, '\r\n');
      clock.advance(600);
      const received = readAll(client);
      relay.stopWhenQuiet('* BYE\r\n', 500);
      expect((await received).toString()).toBe('* BYE\r\n');
      client.end();
      home.end();
      expect(await relay.ended).toMatchObject({ by: 'us', reason: 'stopped' });
    });

    test('not while the client waits for an answer, and then behind it', async () => {
      const { relay, client, home } = await splice();
      client.write('APPEND {3}\r\n');
      await readUntil(home, '\r\n');
      relay.stopWhenQuiet('* BYE\r\n', 500);
      clock.advance(20_000);
      home.write('OK\r\n');
      expect(await readUntil(client, '\r\n')).toBe('OK\r\n');
      const received = readAll(client);
      clock.advance(3_000);
      expect((await received).toString()).toBe('* BYE\r\n');
      client.end();
      home.end();
      await relay.ended;
    });

    test('not while the home pauses behind a line of a message', async () => {
      const { relay, client, home } = await splice();
      client.write('FETCH\r\n');
      await readUntil(home, '\r\n');
      home.write('BODY {100}\r\nSubject: x\r\n\r\n');
      await readUntil(client, 'x\r\n\r\n');
      relay.stopWhenQuiet('* BYE\r\n', 500);
      clock.advance(20_000);
      home.write('text\r\nOK\r\n');
      expect(await readUntil(client, 'OK\r\n')).toBe('text\r\nOK\r\n');
      clock.advance(3_000);
      expect((await readAll(client)).toString()).toBe('* BYE\r\n');
      client.end();
      home.end();
      await relay.ended;
    });

    test('not while what the client had sent before the relay is unanswered', async () => {
      const [left, right] = [await loopback.pair(), await loopback.pair()];
      const options = { idleLimitMs: 0, isAnswered };
      const relay = startRelay(left.stream, right.stream, options, loopback.wheel, {
        fromClient: Buffer.from('NOOP\r\n'),
        fromUpstream: Buffer.from('hello\r\n'),
      });
      relay.stopWhenQuiet('* BYE\r\n', 500);
      clock.advance(20_000);
      right.socket.write('OK\r\n');
      expect(await readUntil(left.socket, '\r\n')).toBe('OK\r\n');
      clock.advance(3_000);
      expect((await readAll(left.socket)).toString()).toBe('* BYE\r\n');
      left.socket.end();
      right.socket.end();
      await relay.ended;
    });

    test('not while a client is slow to take a message', async () => {
      const { relay, client, home } = await splice();
      client.write('FETCH\r\n');
      await readUntil(home, '\r\n');
      client.pause();
      const lines = Buffer.alloc(MEGABYTE, '\n');
      for (let count = 0; count < 20; count++) home.write(lines);
      let before = -1;
      while (before !== relay.octetsFromUpstream) {
        before = relay.octetsFromUpstream;
        for (let turn = 0; turn < 200; turn++)
          await new Promise((resolve) => setImmediate(resolve));
      }
      relay.stopWhenQuiet('* BYE\r\n', 500);
      clock.advance(20_000);
      home.write('OK\r\n');
      const received = readAll(client);
      await until(() => relay.octetsFromUpstream === 20 * MEGABYTE + 4);
      await until(() => client.bytesRead === relay.octetsFromUpstream);
      clock.advance(3_000);
      const tail = (await received).subarray(20 * MEGABYTE).toString();
      expect(tail).toBe('OK\r\n* BYE\r\n');
      client.end();
      home.end();
      await relay.ended;
    });

    test('leaves no timer behind a relay that ended before', async () => {
      const { relay, client, home } = await splice({ idleLimitMs: 0 });
      client.write('x');
      await readUntil(home, 'x');
      relay.stopWhenQuiet('* BYE\r\n', 500);
      relay.destroy();
      await relay.ended;
      clock.advance(1_500);
      expect(clock.timerCount).toBe(0);
    });
  });

  test('at once by destroy', async () => {
    const { relay, client, home } = await splice();
    const both = [readAll(client), readAll(home)];
    relay.destroy();
    await Promise.all(both);
    expect(await relay.ended).toMatchObject({ by: 'us', reason: 'stopped' });
    await until(() => client.destroyed || client.readableEnded);
  });
});
