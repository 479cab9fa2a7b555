import type { StreamEnd } from '@homeward/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Chunking, type MemoryStream, createMemoryStreamPair } from './memory-stream.ts';

async function readText(stream: MemoryStream): Promise<string | StreamEnd> {
  const got = await stream.read();
  return typeof got === 'string' ? got : Buffer.from(got).toString('latin1');
}

async function readToEnd(stream: MemoryStream): Promise<{ text: string; end: StreamEnd }> {
  for (let text = ''; ;) {
    const got = await stream.read();
    if (typeof got === 'string') return { text, end: got };
    text += Buffer.from(got).toString('latin1');
  }
}

describe('createMemoryStreamPair()', () => {
  it('carries octets both ways, write by write', async () => {
    const { client, server } = createMemoryStreamPair();
    void client.write('a1 NOOP\r\n');
    void client.write(Uint8Array.of(0xff));
    void server.write('a1 OK\r\n');
    expect(await readText(server)).toBe('a1 NOOP\r\n');
    expect(await readText(server)).toBe('\xff');
    expect(await readText(client)).toBe('a1 OK\r\n');
  });

  it('answers a read that waits', async () => {
    const { client, server } = createMemoryStreamPair();
    const pending = readText(server);
    expect(server.isReading).toBe(true);
    void client.write('x');
    expect(await pending).toBe('x');
    expect(server.isReading).toBe(false);
  });

  it('gives the same octets however they are cut', async () => {
    const chunking = fc.oneof(
      fc.constantFrom<Chunking>('as-written', 'octets'),
      fc.integer().map((seed): Chunking => ({ seed })),
    );
    const writes = fc.array(fc.string({ unit: 'binary-ascii' }));
    await fc.assert(
      fc.asyncProperty(chunking, writes, async (how, texts) => {
        const { client, server } = createMemoryStreamPair({ chunking: how });
        for (const text of texts) void client.write(text);
        client.end();
        expect(await readToEnd(server)).toEqual({ text: texts.join(''), end: 'ended' });
      }),
    );
  });

  it('cuts into single octets', async () => {
    const { client, server } = createMemoryStreamPair({ chunking: 'octets' });
    void client.write('ab');
    expect([await readText(server), await readText(server)]).toEqual(['a', 'b']);
  });

  it('asks the writer to wait at the high-water mark, until the reader has caught up', async () => {
    const { client, server } = createMemoryStreamPair({ highWaterBytes: 4 });
    expect(client.write('abc')).toBeUndefined();
    const drained = client.write('de');
    expect(drained).toBeInstanceOf(Promise);
    expect(server.unreadBytes).toBe(5);
    await readText(server);
    await drained;
    expect(client.write('f')).toBeUndefined();
  });

  it('gathers corked writes into one chunk; corks nest', async () => {
    const { client, server } = createMemoryStreamPair();
    const pending = readText(server);
    client.cork();
    client.cork();
    void client.write('a');
    client.uncork();
    void client.write('b');
    expect(server.isReading).toBe(true);
    client.uncork();
    expect(await pending).toBe('ab');
  });

  it('sends what is corked when the writer has to wait, so that nobody waits for ever', async () => {
    const { client, server } = createMemoryStreamPair({ highWaterBytes: 2 });
    client.cork();
    const drained = client.write('abc');
    expect(await readText(server)).toBe('abc');
    await drained;
  });

  it('reads what is left and then the end, again and again', async () => {
    const { client, server } = createMemoryStreamPair();
    void client.write('bye');
    client.end();
    expect(await readText(server)).toBe('bye');
    expect(await readText(server)).toBe('ended');
    expect(await readText(server)).toBe('ended');
    void server.write('still heard');
    expect(await readText(client)).toBe('still heard');
  });

  it('loses what was on its way when it breaks, and lets a writer go', async () => {
    const { client, server } = createMemoryStreamPair({ highWaterBytes: 1 });
    const drained = client.write('lost');
    server.destroy();
    await drained;
    expect([await readText(server), await readText(client)]).toEqual(['broken', 'broken']);
    expect(client.write('more')).toBeUndefined();
  });

  it('times one read out and goes on', async () => {
    const { client, server } = createMemoryStreamPair();
    const pending = readText(server);
    server.timeOut();
    expect(await pending).toBe('timed-out');
    void client.write('x');
    expect(await readText(server)).toBe('x');
  });

  it('refuses a second read while one waits', async () => {
    const { client, server } = createMemoryStreamPair();
    const pending = readText(server);
    expect(() => server.read()).toThrow('outstanding');
    client.end();
    await pending;
  });

  it('keeps its own copy of what was written', async () => {
    const { client, server } = createMemoryStreamPair();
    const buffer = Buffer.from('abc');
    void client.write(buffer);
    buffer.fill('x');
    expect(await readText(server)).toBe('abc');
  });
});
