/** i;unicode-casemap (RFC 5051) as SORT and THREAD use it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldKey, maxKeyLength, orderKey } from './collation.ts';

describe('foldKey()', () => {
  it.each([
    ['hello', 'HELLO'],
    ['Grüße', 'GRU\u0308SSE'],
    ['ﬁn', 'fin'],
    ['Ångström', 'Ångström'.normalize('NFD')],
    ['ｗｉｄｅ', 'wide'],
  ])('takes %j and %j for the same', (one, other) => {
    expect(foldKey(one)).toBe(foldKey(other));
  });

  it.each([
    ['u', 'ü'],
    ['a', 'b'],
    ['a', 'a '],
    ['', ' '],
  ])('tells %j and %j apart', (one, other) => {
    expect(foldKey(one)).not.toBe(foldKey(other));
  });

  it('bounds long texts and still tells them apart', () => {
    const long = 'x'.repeat(100_000);
    expect(foldKey(`${long}a`)).toBe(foldKey(`${long}A`));
    expect(foldKey(`${long}a`)).not.toBe(foldKey(`${long}b`));
    expect(foldKey(long).length).toBeLessThanOrEqual(maxKeyLength + 20);
    expect(foldKey(`${'x'.repeat(maxKeyLength - 1)}${'\u{1f600}'.repeat(9)}`)).toMatch(
      /^X+[\w-]+$/,
    );
  });
});

describe('orderKey()', () => {
  it('orders by code point, as the octets of UTF-8 do', () => {
    const text = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(text, text, (one, other) => {
        const [left, right] = [orderKey(one), orderKey(other)];
        const order = left === right ? 0 : left < right ? -1 : 1;
        expect(order).toBe(Buffer.compare(Buffer.from(one), Buffer.from(other)));
      }),
    );
    expect(orderKey('\u{1f600}') > orderKey('\uff01')).toBe(true);
  });
});
