import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GramSet, rarityOf } from './gram-set.ts';
import { manyScripts } from './testing/arbitrary-message.ts';

const set = new GramSet();

function gramsOf(...pieces: readonly string[]): ReadonlySet<number> {
  set.start();
  for (const piece of pieces) set.push(piece);
  return new Set(set.grams);
}

/** Whether a text has all grams of another. */
function hasAll(text: string, part: string): boolean {
  const grams = gramsOf(text);
  return [...gramsOf(part)].every((gram) => grams.has(gram));
}

const folded = fc.oneof(
  manyScripts,
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
);

describe('GramSet', () => {
  it('has all grams of whatever part of a text, halves of surrogate pairs included', () => {
    const cut = fc.tuple(folded, fc.nat(), fc.nat());
    fc.assert(
      fc.property(cut, ([text, from, count]) => {
        const start = from % (text.length + 1);
        const part = text.slice(start, start + (count % (text.length + 1)));
        expect(hasAll(text, part)).toBe(true);
      }),
    );
  });

  it('makes the same of a text in pieces as of the whole', () => {
    fc.assert(
      fc.property(folded, fc.array(fc.nat({ max: 5 })), (text, lengths) => {
        const pieces: string[] = [];
        let at = 0;
        for (const length of lengths) {
          pieces.push(text.slice(at, at + length));
          at += length;
        }
        expect(gramsOf(...pieces, text.slice(at))).toEqual(gramsOf(text));
      }),
    );
  });

  it.each([
    ['LAMP', 2],
    ['A B', 1],
    ['T.5', 1],
    ['AE\u0301', 1],
    ['ÆØÅ', 1],
    ['人', 1],
    ['人间', 3],
    ['ДА', 3],
    ['ДОМ', 6],
    ['ไทย', 6],
    ['😀', 1],
    ['A人', 2],
  ])('gives %s %i grams', (text, count) => {
    expect(gramsOf(text).size).toBe(count);
  });

  it.each(['', 'A', 'AB', '. .', 'A.', '。', '\ud83d', '\ude00', '\r\n', '\u2014'])(
    'gives %j none',
    (text) => {
      expect(gramsOf(text).size).toBe(0);
    },
  );

  it('joins nothing across texts', () => {
    set.start();
    set.push('LA');
    set.startText();
    set.push('MP');
    expect(set.grams).toEqual([]);
    set.push('\ud83d');
    set.startText();
    set.push('\ude00');
    expect(set.grams).toEqual([]);
  });

  it('is full of too many grams, and empty after the next start', () => {
    const han = Array.from({ length: 20_000 }, (_, at) => String.fromCharCode(0x4e00 + at));
    set.start();
    set.push(han.join(''));
    expect(set.isFull).toBe(true);
    set.start();
    expect(set.isFull).toBe(false);
    set.push(han.slice(0, 10_000).join(''));
    expect(set.isFull).toBe(false);
    // A few may share a number.
    expect(set.grams.length).toBeGreaterThan(19_950);
  });

  it('tells apart texts in any script', () => {
    expect(hasAll('大人间', '人间')).toBe(true);
    expect(hasAll('间人', '人间')).toBe(false);
    expect(hasAll('МОД', 'ДОМ')).toBe(false);
    expect(hasAll('PLAM', 'LAMP')).toBe(false);
  });
});

describe('rarityOf()', () => {
  it('puts other scripts before Latin, and seldom letters before frequent ones', () => {
    const [common = 0] = gramsOf('THE');
    const [seldom = 0] = gramsOf('XQJ');
    const [chinese = 0] = gramsOf('人');
    expect(rarityOf(seldom)).toBeGreaterThan(rarityOf(common));
    expect(rarityOf(chinese)).toBeGreaterThan(rarityOf(seldom));
  });
});
