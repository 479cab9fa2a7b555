/** SEARCH HEADER over whole headers, beside the plain way. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createHeaderSearch, type SoughtHeaderText } from './header-search.ts';
import { readHeaderFields } from './named-fields.ts';
import { foldHeaderValue } from './search-text.ts';
import { foldForSearch } from './text-folding.ts';

const header = Buffer.from(
  [
    'Received: from here',
    'Subject: Hello',
    '\tWorld',
    'From: =?utf-8?q?J=C3=BCrgen?= <j@example.test>',
    'X-Empty:',
    'subject: Again',
    'X-Raw: Gr\xfc\xdfe',
    '',
    'Subject: body',
  ].join('\r\n'),
  'latin1',
);

function isFound(field: string, text: string): boolean {
  return createHeaderSearch([{ field, text: foldForSearch(text) }]).match(header)[0] === true;
}

describe('createHeaderSearch()', () => {
  it.each([
    ['Subject', 'hello'],
    ['SUBJECT', 'LO\tWO'],
    ['subject', 'again'],
    ['From', 'jürgen'],
    ['from', 'J@'],
    ['x-raw', 'GRÜSSE'],
    ['X-Empty', ''],
    ['Subject', ''],
  ])('finds in %s %j', (field, text) => {
    expect(isFound(field, text)).toBe(true);
  });

  it.each([
    ['Subject', 'hello world'],
    ['Subject', 'HelloAgain'],
    ['Subject', 'body'],
    ['Subject', 'grüße'],
    ['From', 'utf-8'],
    ['From', 'j=c3'],
    ['Received:', 'from'],
    ['Sub', 'hello'],
    ['To', ''],
    ['X-Empty', ' '],
    ['', ''],
  ])('does not find in %s %j', (field, text) => {
    expect(isFound(field, text)).toBe(false);
  });

  it('tells several texts apart, and one header from the next', () => {
    const search = createHeaderSearch([
      { field: 'subject', text: 'WORLD' },
      { field: 'From', text: 'NOBODY' },
      { field: 'Subject', text: 'AGAIN' },
      { field: 'from', text: 'EXAMPLE' },
    ]);
    expect(search.match(header)).toEqual([true, false, true, true]);
    expect(search.match(Buffer.from('From: nobody\n'))).toEqual([false, true, false, false]);
    expect(search.match(Buffer.alloc(0))).toEqual([false, false, false, false]);
  });

  it('finds what the decoded and folded values contain, and nothing else', () => {
    const piece = fc.constantFrom(
      ...['a: ', 'A:', 'b:', '\r\n', '\n ', '\r\n\r\n', 'x', 'Y', ' ', 'ß', 'é', '\xff', '\0'],
      ...['=?utf-8?q?=C3=A9?=', '=?iso-8859-1?b?6Q==?=', '=?utf-8?q?xy', '?='],
    );
    const text = fc.constantFrom('', 'x', 'xy', 'Y', 'é', 'SS', ' ', 'x y', '=?', 'ÿ');
    const sought = fc.record({ field: fc.constantFrom('a', 'B', 'c'), text });
    const pieces = fc.array(piece, { maxLength: 20 });
    fc.assert(
      fc.property(pieces, fc.array(sought, { maxLength: 5 }), (parts, all) => {
        const octets = Buffer.from(parts.join(''), 'latin1');
        const folded = all.map((one): SoughtHeaderText => ({
          ...one,
          text: foldForSearch(one.text),
        }));
        const expected = folded.map((one) =>
          readHeaderFields(octets, one.field).some((value) =>
            foldHeaderValue(value).includes(one.text),
          ),
        );
        expect(createHeaderSearch(folded).match(octets)).toEqual(expected);
      }),
      { numRuns: 3_000 },
    );
  });
});
