import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitInTwo, splitIntoOctets, splitRandomly } from './chunking.ts';

describe('splitIntoOctets()', () => {
  it('gives one chunk for each octet, in order', () => {
    expect(splitIntoOctets('a\r\xff').map((one) => [...one])).toEqual([[97], [13], [255]]);
    expect(splitIntoOctets('')).toEqual([]);
  });
});

describe('splitRandomly()', () => {
  it('gives all octets in order, no chunk empty or too long', () => {
    fc.assert(
      fc.property(
        fc.uint8Array(),
        fc.integer(),
        fc.integer({ min: 1, max: 50 }),
        (octets, seed, max) => {
          const chunks = splitRandomly(octets, seed, max);
          expect(Buffer.concat(chunks)).toEqual(Buffer.from(octets));
          expect(chunks.every((one) => one.length >= 1 && one.length <= max)).toBe(true);
        },
      ),
    );
  });

  it('repeats itself for the same seed only', () => {
    const octets = 'x'.repeat(500);
    const lengths = (seed: number): number[] =>
      splitRandomly(octets, seed).map((one) => one.length);
    expect(lengths(7)).toEqual(lengths(7));
    expect(lengths(7)).not.toEqual(lengths(8));
    expect(new Set(lengths(7)).size).toBeGreaterThan(5);
  });
});

describe('splitInTwo()', () => {
  it('cuts at every place once', () => {
    const cuts = [...splitInTwo('abc')].map(([head, tail]) => `${String(head)}|${String(tail)}`);
    expect(cuts).toEqual(['|abc', 'a|bc', 'ab|c', 'abc|']);
  });
});
