/** Compression of a connection (RFC 4978): whole, in time, and in bounded memory. */
import { once } from 'node:events';
import {
  constants,
  createDeflateRaw,
  createInflateRaw,
  deflateRawSync,
  inflateRawSync,
} from 'node:zlib';
import { type Chunking, createMemoryStreamPair, createSeededRandom } from '@homeward/testkit';
import type { StreamEnd } from '@homeward/wire';
import { afterEach, describe, expect, it } from 'vitest';
import { CompressibleStream } from './compressible-stream.ts';

const open: CompressibleStream[] = [];

afterEach(() => {
  for (const stream of open.splice(0)) stream.close();
});

function createPair(chunking: Chunking = 'as-written') {
  const { client, server } = createMemoryStreamPair({ chunking });
  const stream = new CompressibleStream(server);
  open.push(stream);
  return { client, server, stream };
}

const flushed = { finishFlush: constants.Z_SYNC_FLUSH } as const;

/** Octets as a client compresses one command. */
function compress(text: string): Buffer {
  return deflateRawSync(text, flushed);
}

async function readText(stream: { read(): Promise<Uint8Array | StreamEnd> }): Promise<string> {
  const octets = await stream.read();
  return typeof octets === 'string' ? `<${octets}>` : Buffer.from(octets).toString('latin1');
}

describe('CompressibleStream', () => {
  it('passes octets as they are until it is told otherwise', async () => {
    const { client, stream } = createPair();
    void stream.write('plain');
    expect(await readText(client)).toBe('plain');
    void client.write('also');
    expect(await readText(stream)).toBe('also');
  });

  it('sends each batch so that it can be read without the next', async () => {
    const { client, stream } = createPair();
    stream.startCompression(new Uint8Array());
    const inflate = createInflateRaw();
    for (const text of ['* OK one\r\n', '* OK two\r\n', 'a OK\r\n']) {
      const written = stream.write(text);
      stream.cork();
      void stream.write(Buffer.from('tail\r\n'));
      stream.uncork();
      await written;
      const octets = await client.read();
      if (typeof octets === 'string') throw new Error(octets);
      inflate.write(octets);
      const [seen] = (await once(inflate, 'data')) as [Buffer];
      expect(seen.toString()).toBe(`${text}tail\r\n`);
    }
    inflate.destroy();
  });

  it.each<Chunking>(['as-written', 'octets', { seed: 3 }])(
    'reads what a client compressed, with octets %j',
    async (chunking) => {
      const { client, stream } = createPair(chunking);
      stream.startCompression(new Uint8Array());
      const deflate = createDeflateRaw();
      const random = createSeededRandom(1);
      const sent = Array.from(
        { length: 40 },
        (_, at) => `${at} ${'x'.repeat(random() * 3000)}\r\n`,
      );
      deflate.on('data', (octets: Buffer) => void client.write(octets));
      for (const line of sent) deflate.write(line);
      deflate.flush(constants.Z_SYNC_FLUSH);
      let received = '';
      const all = sent.join('');
      while (received.length < all.length) received += await readText(stream);
      expect(received).toBe(all);
      deflate.destroy();
    },
  );

  it('gives a read that was waiting what comes after the start, and before it what was early', async () => {
    const { client, stream } = createPair();
    const waiting = stream.read();
    stream.startCompression(new Uint8Array());
    const whole = compress('a NOOP\r\nb NOOP\r\n');
    void client.write(whole.subarray(0, 5));
    void client.write(whole.subarray(5));
    const first = await waiting;
    let text = typeof first === 'string' ? first : Buffer.from(first).toString();
    while (text.length < 16) text += await readText(stream);
    expect(text).toBe('a NOOP\r\nb NOOP\r\n');

    const other = createPair();
    other.stream.startCompression(whole.subarray(0, 5));
    void other.client.write(whole.subarray(5));
    text = '';
    while (text.length < 16) text += await readText(other.stream);
    expect(text).toBe('a NOOP\r\nb NOOP\r\n');
  });

  it('takes of octets that blow up a piece at a time', async () => {
    const { client, stream } = createPair();
    stream.startCompression(new Uint8Array());
    const bomb = deflateRawSync(Buffer.alloc(64 * 1024 * 1024), flushed);
    expect(bomb.length).toBeLessThan(100_000);
    void client.write(bomb);
    const before = process.memoryUsage().arrayBuffers;
    let largest = 0;
    for (let piece = 0; piece < 20; piece += 1) {
      largest = Math.max(largest, (await readText(stream)).length);
    }
    expect(largest).toBeLessThan(128 * 1024);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * 1024 * 1024);
  });

  it('makes a writer wait for a client that does not read', async () => {
    const { client, stream } = createPair();
    stream.startCompression(new Uint8Array());
    const random = createSeededRandom(5);
    const noise = (): Buffer => Buffer.from(Array.from({ length: 65_536 }, () => random() * 256));
    let writes = 0;
    const writing = (async () => {
      for (; writes < 20; writes += 1) await stream.write(noise());
    })();
    for (let turn = 0; turn < 200; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(writes).toBeLessThan(6);
    const drained = (async () => {
      let sum = 0;
      while (sum < 20 * 65_536) sum += (await readText(client)).length;
    })();
    await writing;
    await drained;
    expect(writes).toBe(20);
  });

  it.each([1_000, 20_000, 70_000])(
    'has sent all %i octets that were awaited when it is closed, to a slow client too',
    async (byteCount) => {
      const sent: Uint8Array[] = [];
      // Takes one piece at a time, and the next when all of them are made.
      const turns = async (count: number): Promise<void> => {
        for (let at = 0; at < count; at += 1) await new Promise((resolve) => setImmediate(resolve));
      };
      const stream = new CompressibleStream({
        read: async () => 'ended',
        write(octets) {
          sent.push(Buffer.from(octets as Uint8Array));
          return turns(300);
        },
        cork: () => undefined,
        uncork: () => undefined,
      });
      open.push(stream);
      stream.startCompression(new Uint8Array());
      const random = createSeededRandom(7);
      const noise = Buffer.from(Array.from({ length: byteCount }, () => random() * 256));
      await stream.write(noise);
      stream.close();
      expect(inflateRawSync(Buffer.concat(sent), flushed).equals(noise)).toBe(true);
    },
  );

  it.each<[string, Buffer, string]>([
    ['no compressed octets at all', Buffer.from('a NOOP\r\n\xff\xff', 'latin1'), '<broken>'],
    ['what follows the end', Buffer.concat([deflateRawSync('bye'), Buffer.of(0)]), 'bye<ended>'],
  ])('ends at %s', async (_what, octets, heard) => {
    const { client, stream } = createPair();
    stream.startCompression(new Uint8Array());
    void client.write(octets);
    let text = '';
    while (!text.endsWith('>')) text += await readText(stream);
    expect(text).toBe(heard);
    expect(heard).toContain(await readText(stream));
  });

  it('leaves nobody waiting when it is closed', async () => {
    const { client, stream } = createPair();
    stream.startCompression(new Uint8Array());
    const written = stream.write('x'.repeat(100_000));
    const reading = readText(stream);
    void client.write(compress('half').subarray(0, 2));
    stream.close();
    await written;
    client.end();
    expect(await reading).toMatch(/^<(broken|ended)>$/);
    expect(stream.write('more')).toBeUndefined();
  });

  it('compresses what sessions say', async () => {
    const { client, stream } = createPair();
    stream.startCompression(new Uint8Array());
    const lines = Array.from(
      { length: 2_000 },
      (_, at) => `* ${at} FETCH (FLAGS (\\Seen) UID ${at})\r\n`,
    );
    const text = lines.join('');
    const written = stream.write(text);
    let octets = Buffer.alloc(0);
    const reading = (async () => {
      for (;;) {
        const piece = await client.read();
        if (typeof piece === 'string') return;
        octets = Buffer.concat([octets, piece]);
      }
    })();
    await written;
    stream.close();
    client.destroy();
    await reading;
    expect(inflateRawSync(octets, flushed).toString()).toBe(text);
    expect(octets.length).toBeLessThan(text.length / 3);
  });
});
