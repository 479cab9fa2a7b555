/** Address lists, as RFC 5322 §3.4 and §4.4 have them, and as people send them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAddressList } from './address-list.ts';

type Row = readonly [
  name: string | null,
  route: string | null,
  mailbox: string | null,
  host: string | null,
];

function parse(text: string, maxCount = 100): readonly Row[] {
  return parseAddressList(text, maxCount).map(({ name, route, mailbox, host }) => [
    name ?? null,
    route ?? null,
    mailbox ?? null,
    host ?? null,
  ]);
}

const groupEnd: Row = [null, null, null, null];

describe('parseAddressList()', () => {
  it.each<readonly [string, readonly Row[]]>([
    ['', []],
    ['a@b.test', [[null, null, 'a', 'b.test']]],
    ['<a@b.test>', [[null, null, 'a', 'b.test']]],
    ['Ann Example <a@b.test>', [['Ann Example', null, 'a', 'b.test']]],
    ['"Ann, E." <a@b.test>', [['Ann, E.', null, 'a', 'b.test']]],
    ['"a \\"q\\" \\\\" <a@b.test>', [['a "q" \\', null, 'a', 'b.test']]],
    ['Ann  "von" B.<a@b.test>', [['Ann von B.', null, 'a', 'b.test']]],
    ['a@b.test (Ann (the E.))', [['Ann (the E.)', null, 'a', 'b.test']]],
    ['(c) Ann (d) <(e) a (f) @ (g) b.test (h)>', [['Ann', null, 'a', 'b.test']]],
    [
      'a@b.test, c@d.test',
      [
        [null, null, 'a', 'b.test'],
        [null, null, 'c', 'd.test'],
      ],
    ],
    ['"a b"@c.test', [[null, null, 'a b', 'c.test']]],
    ['a.b @ c . test', [[null, null, 'a.b', 'c.test']]],
    ['a@[192.0.2.1]', [[null, null, 'a', '[192.0.2.1]']]],
    ['a@[IPv6:2001:db8::1]', [[null, null, 'a', '[IPv6:2001:db8::1]']]],
    ['=?utf-8?q?A=2C_B?= <a@b.test>', [['=?utf-8?q?A=2C_B?=', null, 'a', 'b.test']]],
    ['J\xfcrgen <j@b.test>', [['J\xfcrgen', null, 'j', 'b.test']]],
  ])('reads %j', (text, expected) => {
    expect(parse(text)).toEqual(expected);
  });

  it.each<readonly [string, readonly Row[]]>([
    ['g:;', [[null, null, 'g', null], groupEnd]],
    [
      'My Group: a@b, C <c@d>;',
      [[null, null, 'My Group', null], [null, null, 'a', 'b'], ['C', null, 'c', 'd'], groupEnd],
    ],
    ['"g": ;, x@y', [[null, null, 'g', null], groupEnd, [null, null, 'x', 'y']]],
    ['g: a@b', [[null, null, 'g', null], [null, null, 'a', 'b'], groupEnd]],
    [
      'g: h: a@b;',
      [
        [null, null, 'g', null],
        groupEnd,
        [null, null, 'h', null],
        [null, null, 'a', 'b'],
        groupEnd,
      ],
    ],
  ])('reads the group %j and closes it', (text, expected) => {
    expect(parse(text)).toEqual(expected);
  });

  it('reads source routes (RFC 5322 §4.4)', () => {
    expect(parse('N <@a.test,@b.test:u@c.test>')).toEqual([
      ['N', '@a.test,@b.test', 'u', 'c.test'],
    ]);
    expect(parse('<@a.test:u@c.test>, x@y')).toEqual([
      [null, '@a.test', 'u', 'c.test'],
      [null, null, 'x', 'y'],
    ]);
  });

  it.each<readonly [string, readonly Row[]]>([
    ['root', [[null, null, 'root', '']]],
    ['Ann <root>', [['Ann', null, 'root', '']]],
    ['Ann <>', [['Ann', null, '', '']]],
    ['@host', [[null, null, '', 'host']]],
    ['a@b@c', [[null, null, 'a@b', 'c']]],
    ['a@', [[null, null, 'a', '']]],
    ['Ann Example a@b', [['Ann Example', null, 'a', 'b']]],
    [
      'a@b; c@d',
      [
        [null, null, 'a', 'b'],
        [null, null, 'c', 'd'],
      ],
    ],
    [
      '<a@b> <c@d>',
      [
        [null, null, 'a', 'b'],
        [null, null, 'c', 'd'],
      ],
    ],
    ['<a@b> Ann', [['Ann', null, 'a', 'b']]],
    [
      '<a@b, c@d',
      [
        [null, null, 'a', 'b'],
        [null, null, 'c', 'd'],
      ],
    ],
    ['"Ann <a@b>', [['Ann', null, 'a', 'b']]],
    ['Ann (E <a@b>', [['Ann E', null, 'a', 'b']]],
    [',, a@b ,', [[null, null, 'a', 'b']]],
    [
      '=?utf-8?q?A, B?= <a@b>',
      [
        [null, null, '=?utf-8?q?A', ''],
        ['B?=', null, 'a', 'b'],
      ],
    ],
    ['"" <a@b>', [[null, null, 'a', 'b']]],
    ['>)', []],
  ])('makes the best of %j', (text, expected) => {
    expect(parse(text)).toEqual(expected);
  });

  it('stops at the count allowed and still closes a group', () => {
    expect(parse('g: a@b, c@d, e@f;', 2)).toEqual([
      [null, null, 'g', null],
      [null, null, 'a', 'b'],
      groupEnd,
    ]);
    expect(parse('a@b', 0)).toEqual([]);
  });

  it('reads back what was written properly', () => {
    const atom = fc.stringMatching(/^[a-z0-9!#$%&'*+/=?^_`{|}~-]{1,8}$/);
    const phrase = fc.string({ minLength: 1, maxLength: 12 });
    const quote = (text: string): string => `"${text.replaceAll(/[\\"]/g, String.raw`\$&`)}"`;
    const address = fc.tuple(fc.option(phrase), atom, atom);
    fc.assert(
      fc.property(fc.array(address, { maxLength: 5 }), (list) => {
        const text = list
          .map(([name, user, host]) => `${name === null ? '' : quote(name)}<${user}@${host}.test>`)
          .join(', ');
        expect(parse(text)).toEqual(
          list.map(([name, user, host]) => [name, null, user, `${host}.test`]),
        );
      }),
    );
  });
});
