import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { containsFolded, createFoldedSearch, foldForSearch } from './text-folding.ts';

describe('containsFolded()', () => {
  it.each([
    ['Hello World', 'lo wo'],
    ['GRÜSSE', 'grüsse'],
    ['straße', 'STRASSE'],
    ['Ελλάς', 'ελλάσ'],
    ['ПРИВЕТ', 'привет'],
    ['ﬁne', 'FINE'],
    ['ｆｕｌｌ', 'full'],
    ['cafe\u0301', 'CAFÉ'],
    ['ǅ', 'dž'],
    ['anything', ''],
  ])('finds in %j the text %j', (text, needle) => {
    expect(containsFolded(text, foldForSearch(needle))).toBe(true);
  });

  it.each([
    ['Hello', 'help'],
    ['cafe', 'café'],
    ['', 'x'],
    ['ab', 'a b'],
  ])('does not find in %j the text %j', (text, needle) => {
    expect(containsFolded(text, foldForSearch(needle))).toBe(false);
  });

  it('finds every part of a text in any case', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (before, needle, after) => {
        const folded = foldForSearch(needle.toLowerCase());
        expect(containsFolded(before + needle + after, folded)).toBe(true);
      }),
    );
  });
});

describe('createFoldedSearch()', () => {
  it('finds a text that is split between pieces', () => {
    const search = createFoldedSearch(foldForSearch('Needle'));
    expect(['hay nee', '', 'D', 'le hay'].map((piece) => search.push(piece))).toEqual([
      false,
      false,
      false,
      true,
    ]);
    expect(search.push('more')).toBe(true);
  });

  it('agrees with a search of the whole for any split of ASCII text', () => {
    const letters = fc.array(fc.constantFrom('a', 'B', 'b'), { maxLength: 12 });
    fc.assert(
      fc.property(
        letters,
        fc.array(fc.string({ unit: fc.constantFrom('a', 'b') })),
        (n, pieces) => {
          const needle = foldForSearch(n.join(''));
          const search = createFoldedSearch(needle);
          const found = pieces.map((piece) => search.push(piece)).at(-1) ?? n.length === 0;
          expect(found).toBe(containsFolded(pieces.join(''), needle));
        },
      ),
    );
  });

  it('finds the empty text at once, and nothing in nothing', () => {
    expect(createFoldedSearch('').push('')).toBe(true);
    expect(createFoldedSearch('A').push('')).toBe(false);
  });
});
