/** LIST's wildcards (RFC 3501 §6.3.8). */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileListPattern } from './list-pattern.ts';

describe('compileListPattern()', () => {
  it.each([
    ['', '*', 'a/b/c', true],
    ['', '%', 'a', true],
    ['', '%', 'a/b', false],
    ['', 'a/%', 'a/b', true],
    ['', 'a/%', 'a/b/c', false],
    ['', 'a/*', 'a/b/c', true],
    ['', 'a*', 'a', true],
    ['', '%/%', 'a/b', true],
    ['', '*b', 'a/b', true],
    ['', '%b', 'a/b', false],
    ['', 'inbox', 'INBOX', true],
    ['', 'InB%', 'INBOX', true],
    ['', 'inbox*', 'INBOX/a', true],
    ['', 'iNbOx/%', 'INBOX/a', true],
    ['', 'inb*', 'INBOX/Inner', true],
    ['', '%/a', 'INBOX/a', true],
    ['in', 'box/a', 'INBOX/a', true],
    ['', 'inbox/A', 'INBOX/a', false],
    ['', 'inbox', 'INBOX/a', false],
    ['', 'inbox*', 'INBOXES', false],
    ['', 'inbox*', 'INBOXES/a', false],
    ['', 'a/inbox', 'a/INBOX', false],
    ['', 'A', 'a', false],
    ['a/', '%', 'a/b', true],
    ['a/', '/%', 'a/b', false],
    ['', '*%*a', 'xa', true],
    ['', 'a.c', 'abc', false],
    ['', 'è*', 'été', false],
    ['', '📁/%', '📁/a', true],
    ['', 'é*', 'éa', true],
  ])('joins %j and %j, and matches %j: %j', (reference, pattern, path, expected) => {
    expect(compileListPattern(reference, pattern).matches(path)).toBe(expected);
  });

  it('agrees with a regular expression on every pattern', () => {
    const symbols = fc.array(fc.constantFrom('a', 'b', '/', '*', '%'), { maxLength: 8 });
    const paths = fc.array(fc.constantFrom('a', 'b', '/'), { maxLength: 8 });
    fc.assert(
      fc.property(symbols, paths, (pattern, path) => {
        const source = pattern
          .map((symbol) => (symbol === '*' ? '.*' : symbol === '%' ? '[^/]*' : symbol))
          .join('');
        fc.pre(pattern[0] !== '/');
        const expected = new RegExp(`^${source}$`, 's').test(path.join(''));
        return compileListPattern('', pattern.join('')).matches(path.join('')) === expected;
      }),
    );
  });

  it('stays quick on patterns made to be slow', () => {
    const pattern = `${'a*'.repeat(5_000)}b`;
    expect(compileListPattern('', pattern).matches('a'.repeat(1_000))).toBe(false);
  });
});
