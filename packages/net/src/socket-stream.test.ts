import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Loopback, once, readAll, until } from './testing/loopback.ts';
import { ManualClock } from './testing/manual-clock.ts';

const MEGABYTE = 1_048_576;
let clock: ManualClock;
let loopback: Loopback;

beforeEach(() => {
  clock = new ManualClock();
  loopback = new Loopback(clock);
});
afterEach(() => loopback.close());

function text(result: Uint8Array | string): string {
  return typeof result === 'string' ? `!${result}` : Buffer.from(result).toString('latin1');
}

describe('SocketStream read', () => {
  test('gives octets in order, then says that the peer ended', async () => {
    const { stream, socket } = await loopback.pair();
    let seen = '';
    const expected = Array.from({ length: 500 }, (_, index) => `line ${index}\r\n`).join('');
    for (const line of expected.match(/.+\r\n/g) ?? []) socket.write(line);
    socket.end();
    for (;;) {
      const result = await stream.read();
      if (typeof result === 'string') {
        expect(result).toBe('ended');
        break;
      }
      seen += text(result);
    }
    expect(seen).toBe(expected);
    expect(await stream.read()).toBe('ended');
  });

  test('tells that the peer ended though nobody reads', async () => {
    const { stream, socket } = await loopback.pair();
    socket.write('one');
    expect(text(await stream.read())).toBe('one');
    const ended = stream.peerEnded;
    expect(await Promise.race([ended, Promise.resolve('goes on')])).toBe('goes on');
    socket.end();
    await ended;
    await stream.peerEnded;
    expect(await stream.read()).toBe('ended');
  });

  test('tells that the peer ended where it was cut here', async () => {
    const { stream } = await loopback.pair();
    const ended = stream.peerEnded;
    stream.destroy('test');
    await ended;
    await stream.peerEnded;
  });

  test('gives what came before anyone read', async () => {
    const { stream, socket } = await loopback.pair();
    socket.write('one');
    await until(() => socket.writableLength === 0);
    expect(text(await stream.read())).toBe('one');
  });

  test('gives what was put back first', async () => {
    const { stream, socket } = await loopback.pair();
    stream.unread(Buffer.from('early '));
    socket.write('late');
    expect(text(await stream.read())).toBe('early ');
    expect(text(await stream.read())).toBe('late');
  });

  test('refuses a second reader', async () => {
    const { stream } = await loopback.pair();
    const pending = stream.read();
    expect(() => stream.read()).toThrow('outstanding');
    stream.destroy('test');
    expect(await pending).toBe('broken');
  });

  test('says broken when the peer resets', async () => {
    const { stream, socket } = await loopback.pair();
    const pending = stream.read();
    socket.resetAndDestroy();
    expect(await pending).toBe('broken');
    expect(await stream.closed).toEqual({ how: 'broken', detail: 'ECONNRESET' });
  });

  test('leaves in the kernel what nobody reads', async () => {
    const { stream, socket } = await loopback.pair();
    const block = Buffer.alloc(MEGABYTE);
    for (let count = 0; count < 64; count++) socket.write(block);
    await until(() => socket.writableLength > 32 * MEGABYTE);
    const before = process.memoryUsage().arrayBuffers;
    for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(MEGABYTE);
    let octets = 0;
    socket.end();
    for (;;) {
      const result = await stream.read();
      if (typeof result === 'string') break;
      octets += result.length;
    }
    expect(octets).toBe(64 * MEGABYTE);
  });
});

describe('SocketStream idle limit', () => {
  test('ends a read that waits too long, and the stream goes on', async () => {
    const { stream, socket } = await loopback.pair();
    stream.setIdleLimit(30_000);
    const pending = stream.read();
    clock.advance(31_500);
    expect(await pending).toBe('timed-out');
    expect(stream.isOpen).toBe(true);
    socket.write('still here');
    expect(text(await stream.read())).toBe('still here');
  });

  test('starts anew with every octet', async () => {
    const { stream, socket } = await loopback.pair();
    stream.setIdleLimit(30_000);
    for (let round = 0; round < 4; round++) {
      const pending = stream.read();
      clock.advance(20_000);
      socket.write('x');
      expect(text(await pending)).toBe('x');
    }
  });

  test('does not count while nobody waits for the peer', async () => {
    const { stream, socket } = await loopback.pair();
    stream.setIdleLimit(30_000);
    clock.advance(300_000);
    const pending = stream.read();
    clock.advance(20_000);
    socket.write('x');
    expect(text(await pending)).toBe('x');
  });

  test('can be shortened and lifted', async () => {
    const { stream, socket } = await loopback.pair();
    stream.setIdleLimit(1_800_000);
    stream.setIdleLimit(5_000);
    const pending = stream.read();
    clock.advance(6_500);
    expect(await pending).toBe('timed-out');
    stream.setIdleLimit(0);
    const unlimited = stream.read();
    clock.advance(10_000_000);
    socket.write('x');
    expect(text(await unlimited)).toBe('x');
  });

  test('breaks a connection whose peer does not read', async () => {
    const { stream, socket } = await loopback.pair();
    socket.pause();
    stream.setIdleLimit(30_000);
    let waiting: Promise<void> | undefined;
    const block = Buffer.alloc(MEGABYTE);
    while (waiting === undefined) waiting = stream.write(block);
    for (let round = 0; round < 64; round++) void stream.write(block);
    clock.advance(31_500);
    await waiting;
    expect(await stream.closed).toEqual({ how: 'destroyed', detail: 'peer-does-not-read' });
    expect(await stream.read()).toBe('broken');
  });
});

describe('SocketStream write', () => {
  test('sends strings as Latin-1 and octets as they are, in order', async () => {
    const { stream, socket } = await loopback.pair();
    const received = readAll(socket);
    void stream.write('\u00e9\r\n');
    void stream.write(Buffer.from([0, 255]));
    socket.end();
    await stream.end();
    expect(await received).toEqual(Buffer.from([0xe9, 13, 10, 0, 255]));
  });

  test('holds a writer back while the peer does not read, and lets it go on then', async () => {
    const { stream, socket } = await loopback.pair();
    socket.pause();
    const block = Buffer.alloc(MEGABYTE);
    let written = 0;
    let waiting: Promise<void> | undefined;
    while (waiting === undefined) {
      waiting = stream.write(block);
      written += block.length;
    }
    expect(written).toBeLessThan(16 * MEGABYTE);
    const received = readAll(socket);
    await waiting;
    socket.end();
    await stream.end();
    expect((await received).length).toBe(written);
  });

  test('gathers corked writes and lets nobody wait for ever inside', async () => {
    const { stream, socket } = await loopback.pair();
    const received = readAll(socket);
    stream.cork();
    stream.cork();
    void stream.write('a');
    await stream.write(Buffer.alloc(MEGABYTE));
    void stream.write('b');
    stream.uncork();
    stream.uncork();
    socket.end();
    await stream.end();
    expect((await received).length).toBe(MEGABYTE + 2);
  });

  test('settles when the connection breaks', async () => {
    const { stream, socket } = await loopback.pair();
    socket.pause();
    let waiting: Promise<void> | undefined;
    while (waiting === undefined) waiting = stream.write(Buffer.alloc(MEGABYTE));
    stream.destroy('test');
    await waiting;
    expect(stream.write('more')).toBeUndefined();
  });
});

describe('SocketStream end', () => {
  test('delivers the last words though the peer has sent octets that nobody read', async () => {
    const { stream, socket } = await loopback.pair();
    const received = readAll(socket);
    socket.write(Buffer.alloc(200_000, 'x'));
    await until(() => socket.bytesWritten === 200_000);
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
    void stream.write('* BYE\r\n');
    const ended = stream.end();
    expect((await received).toString()).toBe('* BYE\r\n');
    socket.end();
    await ended;
    expect(await stream.closed).toEqual({ how: 'ended', detail: undefined });
  });

  test('cuts a peer that does not close within the limit', async () => {
    const { stream, socket } = await loopback.pair();
    socket.resume();
    const ended = stream.end(2_000);
    await once(socket, 'end');
    clock.advance(3_500);
    await ended;
    expect(await stream.closed).toEqual({ how: 'destroyed', detail: 'linger-limit' });
  });

  test('lets the peer send on after its own side was closed', async () => {
    const { stream, socket } = await loopback.pair();
    const received = readAll(socket);
    socket.end('last');
    expect(text(await stream.read())).toBe('last');
    expect(await stream.read()).toBe('ended');
    void stream.write('answer');
    await stream.end();
    expect((await received).toString()).toBe('answer');
  });

  test('may be called again, and after destroy', async () => {
    const { stream } = await loopback.pair();
    void stream.end();
    stream.destroy('test');
    stream.destroy('again');
    await stream.end();
    expect(await stream.closed).toEqual({ how: 'destroyed', detail: 'test' });
  });
});

test('SocketStream knows both ends', async () => {
  const { stream, socket } = await loopback.pair();
  expect(stream.remote).toEqual({ address: '127.0.0.1', port: socket.localPort });
  expect(stream.local).toEqual({ address: '127.0.0.1', port: socket.remotePort });
  expect(stream.tls).toBeUndefined();
  expect(stream.exportKeyingMaterial(32, 'EXPORTER-test')).toBeUndefined();
});
