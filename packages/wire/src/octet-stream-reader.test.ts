import { describe, expect, test } from 'vitest';
import { OctetStreamReader } from './octet-stream-reader.ts';
import type { OctetStream, StreamEnd } from './octet-stream.ts';

/** A stream that gives these pieces, one for each read, and counts the reads. */
function streamOf(...pieces: readonly (string | { readonly end: StreamEnd })[]): {
  readonly stream: OctetStream;
  readCount(): number;
} {
  let count = 0;
  const stream: OctetStream = {
    read() {
      const piece = pieces[count] ?? { end: 'ended' as const };
      count += 1;
      return Promise.resolve(typeof piece === 'string' ? Buffer.from(piece) : piece.end);
    },
    write: () => undefined,
    cork: () => undefined,
    uncork: () => undefined,
  };
  return { stream, readCount: () => count };
}

describe('OctetStreamReader', () => {
  test('readLine() joins pieces into lines', async () => {
    const reader = new OctetStreamReader(streamOf('AB', 'C\r', '\nDE\r\n').stream);
    expect(await reader.readLine(100)).toMatchObject({ octets: Buffer.from('ABC') });
    expect(await reader.readLine(100)).toMatchObject({ octets: Buffer.from('DE') });
    expect(await reader.readLine(100)).toBe('ended');
  });

  test('readLine() reads no further than it has to', async () => {
    const { stream, readCount } = streamOf('A\r\nB\r\n', 'C\r\n');
    const reader = new OctetStreamReader(stream);
    await reader.readLine(100);
    await reader.readLine(100);
    expect(readCount()).toBe(1);
  });

  test('readLine() gives up on a line that is too long', async () => {
    const { stream, readCount } = streamOf('AAAA', 'BBBB', 'CCCC');
    expect(await new OctetStreamReader(stream).readLine(8)).toBe('too-long');
    expect(readCount()).toBe(2);
  });

  test.each(['ended', 'timed-out', 'broken'] as const)('readLine() reports %s', async (end) => {
    const reader = new OctetStreamReader(streamOf('half a line', { end }).stream);
    expect(await reader.readLine(100)).toBe(end);
    expect(reader.takeRest().toString()).toBe('half a line');
  });

  test('early octets come first, and takeRest() gives what nobody read', async () => {
    const reader = new OctetStreamReader(streamOf('T\r\nREST').stream, Buffer.from('QUI'));
    expect(await reader.readLine(100)).toMatchObject({ octets: Buffer.from('QUIT') });
    expect(reader.bufferedBytes).toBe(4);
    expect(reader.takeRest().toString()).toBe('REST');
  });

  test('pushBack() gives octets again', async () => {
    const reader = new OctetStreamReader(streamOf('hello').stream);
    const some = await reader.readSome(2);
    expect(some).toEqual(Buffer.from('he'));
    reader.pushBack(Buffer.from('he'));
    expect(await reader.readSome(100)).toEqual(Buffer.from('he'));
    expect(await reader.readSome(100)).toEqual(Buffer.from('llo'));
    expect(await reader.readSome(100)).toBe('ended');
  });

  test('a wait that was given up loses no octet and starts no second read', async () => {
    let deliver: (octets: Uint8Array) => void = () => undefined;
    let reads = 0;
    const stream: OctetStream = {
      ...streamOf().stream,
      read() {
        reads += 1;
        return new Promise((resolve) => (deliver = resolve));
      },
    };
    const reader = new OctetStreamReader(stream);
    const givenUp = reader.fill();
    const second = reader.readLine(100);
    deliver(Buffer.from('NOOP\r\n'));
    expect(await givenUp).toBe(undefined);
    expect(await second).toMatchObject({ octets: Buffer.from('NOOP') });
    expect(reads).toBe(1);
    expect(reader.bufferedBytes).toBe(0);
  });
});
