/** ESEARCH's items (RFC 4731, RFC 5267, RFC 9394) and what SAVE keeps (RFC 5182). */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatNumberList,
  formatResults,
  type ResultOptions,
  selectNamedResults,
  sliceOfPartial,
} from './result-set.ts';

const none: ResultOptions = {
  min: false,
  max: false,
  count: false,
  all: false,
  partial: undefined,
};

/** "min count 1:3" → options. */
function optionsOf(text: string): ResultOptions {
  const words = text.split(' ');
  const [first = 0, last = 0] = (words.find((word) => word.includes(':')) ?? '')
    .split(':')
    .map(Number);
  return {
    min: words.includes('min'),
    max: words.includes('max'),
    count: words.includes('count'),
    all: words.includes('all'),
    partial: first === 0 ? undefined : { first, last },
  };
}

describe('formatResults()', () => {
  it.each<[string, readonly number[], string]>([
    ['min count', [2, 10, 11], ' MIN 2 COUNT 3'],
    ['all', [2, 10, 11], ' ALL 2,10:11'],
    ['min max', [7, 9, 3800], ' MIN 7 MAX 3800'],
    ['min max count all', [5], ' MIN 5 MAX 5 COUNT 1 ALL 5'],
    ['min max all', [], ''],
    ['count', [], ' COUNT 0'],
    ['', [1, 2], ''],
    // RFC 5267 §3: the requested order.
    ['min max', [9, 3, 7], ' MIN 9 MAX 7'],
    ['all', [23765, 23764, 23763, 23761], ' ALL 23765,23764,23763,23761'],
    ['all', [5, 6, 7, 1, 2, 9], ' ALL 5:7,1:2,9'],
    // RFC 9394 §3.1.
    ['1:2', [4, 5, 6], ' PARTIAL (1:2 4:5)'],
    ['2:1', [4, 5, 6], ' PARTIAL (2:1 4:5)'],
    ['3:9', [4, 5, 6], ' PARTIAL (3:9 6)'],
    ['4:9', [4, 5, 6], ' PARTIAL (4:9 NIL)'],
    ['1:9', [], ' PARTIAL (1:9 NIL)'],
    ['-1:-2', [4, 5, 6], ' PARTIAL (-1:-2 5:6)'],
    ['-2:-1', [4, 5, 6], ' PARTIAL (-2:-1 5:6)'],
    ['-2:-100', [4, 5, 6], ' PARTIAL (-2:-100 4:5)'],
    ['-4:-5', [4, 5, 6], ' PARTIAL (-4:-5 NIL)'],
    ['count -1:-1', [9, 3, 7], ' COUNT 3 PARTIAL (-1:-1 7)'],
  ])('says by RETURN (%s) of %j: %j', (options, results, text) => {
    expect([...formatResults(results, optionsOf(options))].join('')).toBe(text);
  });

  it('says nothing where nothing is asked', () => {
    expect([...formatResults([1], none)]).toEqual([]);
  });
});

describe('selectNamedResults()', () => {
  it.each<[string, number, readonly (readonly [number, number])[]]>([
    ['', 5, [[0, 5]]],
    ['all', 5, [[0, 5]]],
    ['count', 5, [[0, 5]]],
    ['min', 5, [[0, 1]]],
    ['max', 5, [[4, 5]]],
    [
      'min max',
      5,
      [
        [0, 1],
        [4, 5],
      ],
    ],
    ['min max', 2, [[0, 2]]],
    ['min max', 1, [[0, 1]]],
    ['min max count', 5, [[0, 5]]],
    ['min all', 5, [[0, 5]]],
    ['2:3', 5, [[1, 3]]],
    [
      'min 3:4',
      5,
      [
        [0, 1],
        [2, 4],
      ],
    ],
    ['min 2:3', 5, [[0, 3]]],
    ['max -1:-2', 5, [[3, 5]]],
    [
      'min max 3:3',
      5,
      [
        [0, 1],
        [2, 3],
        [4, 5],
      ],
    ],
    ['min max 1:9', 5, [[0, 5]]],
    ['max 1:9', 5, [[0, 5]]],
    ['7:9', 5, []],
    ['count 2:3', 5, [[0, 5]]],
    ['min max 1:2', 0, []],
    ['all', 0, []],
  ])('takes by RETURN (%s) of %i results %j', (options, count, slices) => {
    const selected = selectNamedResults(optionsOf(options), count);
    expect(selected.map(({ start, end }) => [start, end])).toEqual(slices);
  });
});

describe('sliceOfPartial()', () => {
  it('takes from either end what a list of the results would give', () => {
    const ends = fc.tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 }));
    fc.assert(
      fc.property(ends, fc.boolean(), fc.nat({ max: 10 }), ([one, other], isFromEnd, count) => {
        const results = Array.from({ length: count }, (_, at) => at);
        const counted = isFromEnd ? results.toReversed() : results;
        const expected = counted
          .slice(Math.min(one, other) - 1, Math.max(one, other))
          .toSorted((left, right) => left - right);
        const sign = isFromEnd ? -1 : 1;
        const slice = sliceOfPartial({ first: one * sign, last: other * sign }, count);
        expect(slice === undefined ? [] : results.slice(slice.start, slice.end)).toEqual(expected);
      }),
    );
  });
});

describe('formatNumberList()', () => {
  it('means the same numbers in the same order, ranges ascending', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 30 })), (numbers) => {
        const text = [...formatNumberList(numbers, { start: 0, end: numbers.length })].join('');
        const meant = text.split(',').flatMap((range) => {
          const [first = 0, last = first] = range.split(':').map(Number);
          return Array.from({ length: last - first + 1 }, (_, at) => first + at);
        });
        expect(text === '' ? [] : meant).toEqual(numbers);
      }),
    );
  });

  it('writes runs as ranges', () => {
    const numbers = Uint32Array.from({ length: 100_000 }, (_, at) => at + 1);
    expect([...formatNumberList(numbers, { start: 0, end: 100_000 })]).toEqual(['1:100000']);
  });

  it('writes many numbers in small pieces', () => {
    const numbers = Uint32Array.from({ length: 100_000 }, (_, at) => 2 * at + 1);
    const pieces = [...formatNumberList(numbers, { start: 0, end: 100_000 })];
    expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(5_000);
    expect(pieces.join('').split(',')).toHaveLength(100_000);
  });
});
