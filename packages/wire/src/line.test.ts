import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ByteQueue } from './byte-queue.ts';
import { discardLine, takeLine } from './line.ts';

function queueOf(text: string): ByteQueue {
  const queue = new ByteQueue();
  queue.push(Buffer.from(text, 'latin1'));
  return queue;
}

describe('takeLine()', () => {
  const rows: readonly [sent: string, line: string, end: string, bareCr: boolean, nul: boolean][] =
    [
      ['NOOP\r\n', 'NOOP', 'crlf', false, false],
      ['\r\n', '', 'crlf', false, false],
      ['NOOP\n', 'NOOP', 'lf', false, false],
      ['\n', '', 'lf', false, false],
      ['A\rB\r\n', 'A\rB', 'crlf', true, false],
      ['A\r\r\n', 'A\r', 'crlf', true, false],
      ['A\0B\r\n', 'A\0B', 'crlf', false, true],
    ];
  test.each(rows)('takes %j', (sent, expected, end, hasBareCr, hasNul) => {
    const line = takeLine(queueOf(sent), 100);
    if (typeof line === 'string') throw new Error(line);
    expect(line.octets.toString('latin1')).toBe(expected);
    expect(line).toMatchObject({ end, hasBareCr, hasNul });
  });

  test.each([
    ['', 'need-more'],
    ['NOOP', 'need-more'],
    ['NOOP\r', 'need-more'],
    ['1234567\r\n', undefined],
    ['12345678\r\n', 'too-long'],
    ['123456789', 'too-long'],
    ['12345678\r', 'too-long'],
    ['12345678', 'need-more'],
  ])('with a limit of nine octets answers %j by %j', (sent, outcome) => {
    const line = takeLine(queueOf(sent), 9);
    expect(typeof line === 'string' ? line : undefined).toBe(outcome);
  });

  test('leaves everything in place when a line is too long, for discardLine() to drop', () => {
    const queue = queueOf('0123456789\r\nNOOP\r\n');
    expect(takeLine(queue, 5)).toBe('too-long');
    expect(discardLine(queue)).toBe(true);
    expect(takeLine(queue, 6)).toMatchObject({ octets: Buffer.from('NOOP') });
  });

  test('gives the same lines an octet at a time as at once', () => {
    const text = fc.string({ unit: fc.constantFrom('a', '\r', '\n', '\0', 'zz'), maxLength: 60 });
    fc.assert(
      fc.property(text, (sent) => {
        expect(linesOf(Array.from(sent, (octet) => Buffer.from(octet)))).toEqual(
          linesOf([Buffer.from(sent)]),
        );
      }),
    );
  });
});

describe('discardLine()', () => {
  test('drops what it has until the line feed comes', () => {
    const queue = queueOf('aaaa');
    expect(discardLine(queue)).toBe(false);
    expect(queue.length).toBe(0);
    queue.push(Buffer.from('b\nc'));
    expect(discardLine(queue)).toBe(true);
    expect(queue.takeAll().toString()).toBe('c');
  });
});

/** All lines, with a limit of 16 octets, up to the first that is too long. */
function linesOf(pieces: readonly Buffer[]): readonly unknown[] {
  const queue = new ByteQueue();
  const lines: unknown[] = [];
  for (const piece of pieces) {
    queue.push(piece);
    for (;;) {
      const line = takeLine(queue, 16);
      if (line === 'need-more') break;
      lines.push(typeof line === 'string' ? line : { ...line, octets: line.octets.toString() });
      if (line === 'too-long') return lines;
    }
  }
  return lines;
}
