import { describe, expect, it } from 'vitest';
import { blankNonCode } from './source-text.ts';

describe('blankNonCode()', () => {
  it.each([
    ['a line comment', 'a; // b "c\nd;', 'a;        \nd;'],
    ['a block comment, keeping its line breaks', 'a /* b\n * c */ d', 'a     \n       d'],
    ['a string', "a = 'b // c';", "a = '      ';"],
    ['an escaped quote', String.raw`a('b\'c') + d`, "a('    ') + d"],
    ['a template', 'a = `b ${c} d`;', 'a = `   {c}  `;'],
    ['a template inside a template', 'a(`b${c ? `d${e}` : {}}f`);', 'a(`  {c ? ` {e}` : {}} `);'],
    ['an object in a template', '`a${{ b: 1 }.b}c` + d', '` {{ b: 1 }.b} ` + d'],
    ['a regular expression', `a = /['"/]b/g.test(c);`, 'a = /       /g.test(c);'],
    ['a class with a slash in it', `return /[/'"]/;`, 'return /     /;'],
  ])('blanks %s', (_name, source, expected) => {
    const blanked = blankNonCode(source);
    expect(blanked.replaceAll(' ', '')).toBe(expected.replaceAll(' ', ''));
    expect(blanked).toHaveLength(source.length);
  });

  it.each([
    ['a division', 'a = b / c / d;'],
    ['a division after a bracket', 'a = (b) / c[0] / d;'],
    ['a private name', 'this.#a = { b: 1 }.b / 2;'],
  ])('leaves %s as it is', (_name, source) => {
    expect(blankNonCode(source)).toBe(source);
  });

  it.each(['`open ${a', "'open", '/* open', 'a = /open', '`${`${'])(
    'ends on the unfinished source %j',
    (source) => {
      expect(blankNonCode(source)).toHaveLength(source.length);
    },
  );
});
