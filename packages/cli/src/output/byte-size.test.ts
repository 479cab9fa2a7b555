import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatSize, parseSize } from './byte-size.ts';

describe('parseSize()', () => {
  it.each<[string, number]>([
    ['0', 0],
    ['1000', 1_000],
    ['1K', 1_024],
    ['1.5M', 1_572_864],
    ['2 GB', 2_147_483_648],
    ['1TiB', 1_099_511_627_776],
    ['5g', 5_368_709_120],
  ])('%j is %d', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });

  it.each(['', 'G', '-1', '1e3', '1P', '1..5G', '1,5G', 'none', '99999999999999T'])(
    'refuses %j',
    (text) => {
      expect(parseSize(text)).toBeUndefined();
    },
  );

  it('reads what formatSize() writes of whole units', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_023 }),
        fc.integer({ min: 0, max: 4 }),
        (count, unit) => {
          const bytes = count * 1_024 ** unit;
          expect(parseSize(formatSize(bytes))).toBe(bytes);
        },
      ),
    );
  });
});
