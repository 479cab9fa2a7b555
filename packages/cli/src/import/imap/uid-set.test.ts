import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatUidSet } from './uid-set.ts';

describe('formatUidSet()', () => {
  it.each<[number[], string]>([
    [[], ''],
    [[5], '5'],
    [[1, 2], '1:2'],
    [[1, 3, 4, 5, 9], '1,3:5,9'],
  ])('%j is %j', (uids, expected) => {
    expect(formatUidSet(uids)).toBe(expected);
  });

  it('names every UID once, for any UIDs', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { minLength: 1 }), (some) => {
        const uids = some.toSorted((left, right) => left - right);
        const named = formatUidSet(uids)
          .split(',')
          .flatMap((range) => {
            const [from = 0, to = from] = range.split(':').map(Number);
            return Array.from({ length: to - from + 1 }, (_, at) => from + at);
          });
        expect(named).toEqual(uids);
      }),
    );
  });
});
