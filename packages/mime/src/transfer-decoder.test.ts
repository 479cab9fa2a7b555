/** Transfer encodings of RFC 2045 §6, as they should be and as they are. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitIntoOctets, splitRandomly } from '@homeward/testkit';
import { createTransferDecoder, decodeTransferEncoding } from './transfer-decoder.ts';

function decode(text: string, encoding: string): string {
  const octets = Buffer.from(text, 'latin1');
  const whole = Buffer.from(decodeTransferEncoding(octets, encoding)).toString('latin1');
  for (const pieces of [splitIntoOctets(octets), splitRandomly(octets, 1, 5)]) {
    const decoder = createTransferDecoder(encoding);
    const parts = pieces.map((piece) => Buffer.from(decoder.push(piece)));
    parts.push(Buffer.from(decoder.finish()));
    expect(Buffer.concat(parts).toString('latin1')).toBe(whole);
  }
  return whole;
}

describe('decodeTransferEncoding() of base64', () => {
  it.each([
    ['', ''],
    ['aGFsbG8=', 'hallo'],
    ['aGFs\r\nbG8=\r\n', 'hallo'],
    ['aGFsbG8', 'hallo'],
    ['aGE=aGE=', 'haha'],
    ['aGE==\r\n==aGE', 'haha'],
    ['*a-G_F!s', 'hal'],
    ['====', ''],
    ['a', ''],
    ['aG', 'h'],
  ])('reads %j', (text, expected) => {
    expect(decode(text, 'BASE64')).toBe(expected);
  });

  it('reads back any octets, wrapped anywhere', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.integer({ min: 1, max: 80 }), (octets, width) => {
        const text = Buffer.from(octets).toString('base64');
        const lines = text.match(new RegExp(`.{1,${width}}`, 'g')) ?? [];
        expect(decode(lines.join('\r\n'), 'base64')).toBe(Buffer.from(octets).toString('latin1'));
      }),
    );
  });
});

describe('decodeTransferEncoding() of quoted-printable', () => {
  it.each([
    ['', ''],
    ['plain', 'plain'],
    ['a=3Db', 'a=b'],
    ['=c3=A4', '\xc3\xa4'],
    ['a=\r\nb', 'ab'],
    ['a=\nb', 'ab'],
    ['a= \t\r\nb', 'ab'],
    ['a \t\r\nb \nc ', 'a\r\nb\nc'],
    ['a=20\r\nb', 'a \r\nb'],
    ['a  b', 'a  b'],
    ['\xfc\0', '\xfc\0'],
  ])('reads %j', (text, expected) => {
    expect(decode(text, 'quoted-printable')).toBe(expected);
  });

  it.each([
    ['=G1', '=G1'],
    ['=1', '=1'],
    ['=1 ', '=1'],
    ['=', ''],
    ['a= ', 'a'],
    ['==41', '=A'],
    ['= x', '= x'],
    ['=\rx', '=\rx'],
    ['=\r', ''],
    ['a \rb', 'a \rb'],
    ['=4\r\n1', '=4\r\n1'],
  ])('makes the best of %j', (text, expected) => {
    expect(decode(text, 'Quoted-Printable')).toBe(expected);
  });

  it('reads back any octets, soft breaks anywhere', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.integer({ min: 1, max: 30 }), (octets, width) => {
        const escaped = [...octets].map((o) => `=${o.toString(16).padStart(2, '0').toUpperCase()}`);
        const text = escaped.map((each, i) => (i % width === 0 ? `=\r\n${each}` : each)).join('');
        expect(decode(text, 'quoted-printable')).toBe(Buffer.from(octets).toString('latin1'));
      }),
    );
  });

  it('gives the same however split, and holds back little', () => {
    const piece = fc.constantFrom('=', 'A', '3', ' ', '\t', '\r', '\n', 'x', '=\r\n');
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        decode(pieces.join(''), 'quoted-printable');
      }),
      { numRuns: 1000 },
    );
    const decoder = createTransferDecoder('quoted-printable');
    expect(decoder.push(Buffer.alloc(100_000, ' '))).toHaveLength(100_000);
  });
});

describe('decodeTransferEncoding() of anything else', () => {
  it.each(['7bit', '8BIT', 'binary', 'x-uuencode', 'nonsense'])(
    'passes %s as it is',
    (encoding) => {
      expect(decode('=41 \r\naGFs', encoding)).toBe('=41 \r\naGFs');
    },
  );
});
