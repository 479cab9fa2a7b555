/** RFC 2047, with the examples of its §8, and what programs really send. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeEncodedWords } from './encoded-words.ts';
import { decodeTransferEncoding } from './transfer-decoder.ts';

describe('decodeEncodedWords()', () => {
  it.each([
    ['=?US-ASCII?Q?Keith_Moore?= <k@example.test>', 'Keith Moore <k@example.test>'],
    ['=?ISO-8859-1?Q?Andr=E9?= Pirard', 'André Pirard'],
    ['(=?ISO-8859-1?Q?a?=)', '(a)'],
    ['(=?ISO-8859-1?Q?a?= b)', '(a b)'],
    ['(=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=)', '(ab)'],
    ['(=?ISO-8859-1?Q?a?=   \t=?ISO-8859-1?Q?b?=)', '(ab)'],
    ['(=?ISO-8859-1?Q?a_b?=)', '(a b)'],
    ['(=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=)', '(a b)'],
    [
      '=?ISO-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?= =?ISO-8859-2?B?dSB1bmRlcnN0YW5kIHRoZSBleGFtcGxlLg==?=',
      'If you can read this you understand the example.',
    ],
  ])('reads %j as RFC 2047 says', (text, expected) => {
    expect(decodeEncodedWords(text)).toBe(expected);
  });

  it.each([
    ['=?utf-8?b?5L2g?= =?utf-8?b?5aW9?=', '你好'],
    ['=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=', '日本'],
    ['=?koi8-r?b?8NLJ18XU?=', 'Привет'],
    ['=?gb2312?B?xOO6w6Os1cU=?=', '你好，张'],
    ['=?ks_c_5601-1987?B?vsiz5w==?=', '안녕'],
    ['=?big5?Q?=A7A=A6n?=', '你好'],
    ['=?utf-7?Q?Gr+APwA3w-e?=', 'Grüße'],
    ['=?utf-8*de?q?=C3=BC?=', 'ü'],
  ])('reads %j in its charset', (text, expected) => {
    expect(decodeEncodedWords(text)).toBe(expected);
  });

  it.each([
    ['a character split between words', '=?utf-8?q?=C3?= =?UTF-8?b?vA==?=', 'ü'],
    ['words without space between', '=?utf-8?q?a?==?utf-8?q?b?=', 'ab'],
    ['words inside other text', 'x=?utf-8?q?=C3=BC?=y', 'xüy'],
    ['words inside quotes', '"=?utf-8?q?=C3=BC?=" <a@b>', '"ü" <a@b>'],
    ['spaces inside a word', '=?utf-8?Q?a b=20c?=', 'a b c'],
    ['missing padding', '=?utf-8?b?w7w?=', 'ü'],
    ['broken escapes', '=?utf-8?q?=G1=a?=', '=G1=a'],
    ['a question mark at the end', '=?utf-8?q?what??=', 'what?'],
    ['an empty word', 'a =?utf-8?q??= b', 'a  b'],
    ['an unknown charset, UTF-8 inside', '=?x-nonsense?q?=C3=BC?=', 'ü'],
    ['an unknown charset, something else inside', '=?x-nonsense?q?=FC?=', 'ü'],
    ['invalid octets', '=?utf-8?q?a=FFb?=', 'a\ufffdb'],
    ['raw UTF-8', 'Gr\xc3\xbc\xc3\x9fe', 'Grüße'],
    ['raw Latin-1', 'Gr\xfc\xdfe', 'Grüße'],
    ['raw octets beside words', '\xfc =?utf-8?q?=C3=BC?= \xc3\xbc', 'ü ü ü'],
  ])('reads %s', (_, text, expected) => {
    expect(decodeEncodedWords(text)).toBe(expected);
  });

  it.each([
    '=?utf-8?q?never ends',
    '=?utf-8?x?a?=',
    '=?utf-8?=',
    '=??q?a?=',
    '=?utf-8?q?=',
    'a =? b ?= c',
    '1 + 1 =?',
    `=?${'c'.repeat(61)}?q?a?=`,
  ])('leaves %j as it is', (text) => {
    expect(decodeEncodedWords(text)).toBe(text);
  });

  it('reads the whole word behind an unfinished one', () => {
    expect(decodeEncodedWords('=?utf-8?q?a =?utf-8?q?=C3=BC?= b')).toBe('=?utf-8?q?a ü b');
  });

  it('reads back any text that was encoded', () => {
    const encodeQ = (text: string): string =>
      [...Buffer.from(text)].map((o) => `=${o.toString(16).padStart(2, '0')}`).join('');
    const word = fc.tuple(fc.string({ unit: 'grapheme' }), fc.boolean());
    fc.assert(
      fc.property(fc.array(word, { minLength: 1 }), (words) => {
        const encoded = words.map(([text, isBase64]) =>
          isBase64
            ? `=?utf-8?b?${Buffer.from(text).toString('base64')}?=`
            : `=?utf-8?q?${encodeQ(text)}?=`,
        );
        // A byte order mark at the start is none of the text.
        const expected = words
          .map(([text]) => text)
          .join('')
          .replace(/^\ufeff/, '');
        expect(decodeEncodedWords(encoded.join(' '))).toBe(expected.toWellFormed());
      }),
    );
  });

  it.each([
    '',
    'w7w=',
    'w7w',
    'w7w==',
    'w7',
    'w',
    'w=',
    'w7w7w',
    'w7w*',
    'w7=w7w=',
    '=w7w',
    'w 7w',
    '-_',
  ])('reads the base64 %j as bodies are read', (content) => {
    const octets = decodeTransferEncoding(Buffer.from(content), 'base64');
    expect(decodeEncodedWords(`=?iso-8859-1?b?${content}?=`)).toBe(
      new TextDecoder('iso-8859-1').decode(octets),
    );
  });

  it('never fails, and is done in time', () => {
    const piece = fc.constantFrom('=?', '?=', '?', 'utf-8', 'q', 'b', '=', ' ', 'x', '\xff');
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        expect(typeof decodeEncodedWords(pieces.join(''))).toBe('string');
      }),
      { numRuns: 1000 },
    );
    const startMs = performance.now();
    decodeEncodedWords(`${'=?u?q?'.repeat(50_000)}?=`);
    decodeEncodedWords(`${'=?u?q?a?= '.repeat(20_000)}`);
    decodeEncodedWords(`=?u?q?a?=${' '.repeat(300_000)}x`);
    expect(performance.now() - startMs).toBeLessThan(3000);
  });
});
