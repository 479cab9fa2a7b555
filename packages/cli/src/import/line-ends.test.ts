import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { withCrLf } from './line-ends.ts';

describe('withCrLf()', () => {
  test.each([
    ['', ''],
    ['\n', '\r\n'],
    ['a\nb', 'a\r\nb'],
    ['a\r\nb\n', 'a\r\nb\r\n'],
    ['\n\n', '\r\n\r\n'],
    ['a\rb', 'a\rb'],
    ['\r\n', '\r\n'],
  ])('makes %j into %j', (text, expected) => {
    expect(withCrLf(Buffer.from(text)).toString()).toBe(expected);
  });

  it('returns the very octets that are right already', () => {
    const octets = Buffer.from('a\r\nb\r\n');
    expect(withCrLf(octets)).toBe(octets);
  });

  it('changes nothing the second time, and nothing but line ends', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('\r', '\n', 'a')), (parts) => {
        const once = withCrLf(Buffer.from(parts.join('')));
        expect(withCrLf(once)).toBe(once);
        expect(once.toString()).toBe(parts.join('').replaceAll(/(?<!\r)\n/g, '\r\n'));
      }),
    );
  });
});
