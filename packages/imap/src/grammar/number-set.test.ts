import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatNumberSet,
  formatSequenceSet,
  normalizeNumberSet,
  spansContain,
} from './number-set.ts';

describe('formatNumberSet()', () => {
  it.each([
    [[], ''],
    [[7], '7'],
    [[1, 2], '1:2'],
    [[1, 2, 3, 5, 7, 8], '1:3,5,7:8'],
    [[4294967294, 4294967295], '4294967294:4294967295'],
  ])('writes %j as %j', (numbers, text) => {
    expect(formatNumberSet(numbers)).toBe(text);
    expect(formatNumberSet(Uint32Array.from(numbers))).toBe(text);
  });
});

describe('normalizeNumberSet()', () => {
  const star = undefined;
  it.each([
    ['a single number', [{ first: 3, last: 3 }], 9, [[3, 3]]],
    ['ends in either order', [{ first: 5, last: 2 }], 9, [[2, 5]]],
    ['"*" as the highest', [{ first: star, last: star }], 9, [[9, 9]]],
    // RFC 3501 §6.4.8: "559:*" always includes the highest UID.
    ['"*" below the other end', [{ first: 559, last: star }], 9, [[9, 559]]],
    ['"*" of nothing', [{ first: star, last: star }], 0, []],
    ['a range to the "*" of nothing', [{ first: 1, last: star }], 0, [[1, 1]]],
    [
      'what overlaps or touches, once',
      [
        { first: 5, last: 7 },
        { first: 1, last: 2 },
        { first: 3, last: 5 },
        { first: 9, last: 9 },
      ],
      9,
      [
        [1, 7],
        [9, 9],
      ],
    ],
  ])('gives %s', (_claim, set, highest, spans) => {
    const expected = spans.map(([low, high]) => ({ low, high }));
    expect(normalizeNumberSet(set, highest)).toEqual(expected);
  });

  it('means what the set means, number by number', () => {
    const end = fc.option(fc.integer({ min: 1, max: 30 }), { nil: undefined });
    const sets = fc.array(fc.record({ first: end, last: end }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(sets, fc.integer({ min: 1, max: 25 }), (set, highest) => {
        const spans = normalizeNumberSet(set, highest);
        for (let number = 1; number <= 31; number += 1) {
          const isMeant = set.some((range) => {
            const [first, last] = [range.first ?? highest, range.last ?? highest];
            return number >= Math.min(first, last) && number <= Math.max(first, last);
          });
          expect(spansContain(spans, number)).toBe(isMeant);
        }
      }),
    );
  });
});

describe('formatSequenceSet()', () => {
  it('writes ranges as they came', () => {
    const set = [
      { first: 1, last: 1 },
      { first: 4, last: 2 },
      { first: 3, last: undefined },
      { first: undefined, last: undefined },
    ];
    expect(formatSequenceSet(set)).toBe('1,4:2,3:*,*');
  });
});
