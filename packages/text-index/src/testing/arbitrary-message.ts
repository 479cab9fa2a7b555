/** Messages made up for property tests: many scripts, charsets, encodings and structures. */
import fc from 'fast-check';

const LETTERS = [
  ...['a', 'B', 'c', 'X', '7', ' ', ' ', '.', '-', '\r\n', '\t'],
  ...['é', 'e\u0301', 'ß', 'ẞ', 'ﬁ', 'ﬃ', 'İ', 'ı', 'Ǆ', 'ŉ', 'Ł', 'Σ', 'σ', 'ς', '\u0344'],
  ...['я', 'Й', 'И\u0306', '人', '间', '龍', '國', '국', '한', 'が', 'カ', 'ｶﾞ', '㍻', '。', '—'],
  ...['ก', 'ำ', 'ไ', 'ع', 'ـ', 'ﷺ', 'א', 'हि', '😀', '👩‍👩‍👦', '𠮷', 'ａ', '①', '\u200d'],
];

/** Text that mixes scripts; few different characters, so that things repeat. */
export const manyScripts: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: fc.constantFrom(...LETTERS), maxLength: 40 }),
  fc.string({ unit: fc.constantFrom('a', 'B', ' ', 'ß', '人', '间'), maxLength: 20 }),
);

type Octets = fc.Arbitrary<string>;

const latin1 = (octets: Buffer): string => octets.toString('latin1');
const lines = (text: string): string => text.replaceAll(/.{70}/g, '$&\r\n');

function quotedPrintable(octets: Buffer): string {
  return [...octets]
    .map((octet) =>
      octet > 60 && octet < 127 && octet !== 61
        ? String.fromCharCode(octet)
        : `=${octet.toString(16).toUpperCase().padStart(2, '0')}`,
    )
    .join('');
}

/** A text part with its header; octets as Latin-1. */
const textPart: Octets = fc
  .record({
    text: manyScripts,
    charset: fc.constantFrom(
      'utf-8',
      'UTF-16LE',
      'us-ascii',
      'iso-8859-1',
      'gb18030',
      'x-none',
      '',
    ),
    encoding: fc.constantFrom('7bit', '8bit', 'base64', 'quoted-printable', 'BASE64'),
    subtype: fc.constantFrom('plain', 'html'),
  })
  .map(({ text, charset, encoding, subtype }) => {
    const octets = Buffer.from(
      text,
      charset === 'UTF-16LE' ? 'utf16le' : charset === 'iso-8859-1' ? 'latin1' : 'utf8',
    );
    const body = /base64/i.test(encoding)
      ? lines(octets.toString('base64'))
      : encoding === 'quoted-printable'
        ? quotedPrintable(octets)
        : latin1(octets);
    const parameter = charset === '' ? '' : `; charset=${charset}`;
    return `Content-Type: text/${subtype}${parameter}\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n${body}`;
  });

/** Nobody promised that octets are text. */
const randomPart: Octets = fc
  .uint8Array({ maxLength: 40 })
  .map((octets) => `Content-Type: text/plain\r\n\r\n${latin1(Buffer.from(octets))}`);

const leaf: Octets = fc.oneof(textPart, randomPart);

const entity: Octets = fc.letrec<{ entity: string }>((tie) => ({
  entity: fc.oneof(
    { maxDepth: 2 },
    leaf,
    fc
      .array(tie('entity'), { minLength: 1, maxLength: 3 })
      .map(
        (parts) =>
          ['Content-Type: multipart/mixed; boundary=zz\r\n\r\nhello']
            .concat(parts)
            .join('\r\n--zz\r\n') + '\r\n--zz--\r\n',
      ),
    fc
      .tuple(fieldLine(), tie('entity'))
      .map(([field, inner]) => `Content-Type: message/rfc822\r\n\r\n${field}${inner}`),
  ),
})).entity;

function fieldLine(): Octets {
  const word = (text: string, isBase64: boolean): string => {
    const octets = Buffer.from(text);
    return isBase64
      ? `=?utf-8?B?${octets.toString('base64')}?=`
      : `=?UTF-8?q?${quotedPrintable(octets).replaceAll('?', '=3F').replaceAll('_', '=5F')}?=`;
  };
  const oneLine = manyScripts.map((text) => text.replaceAll(/[\r\n]/g, ' '));
  const value: Octets = fc.oneof(
    oneLine.map((text) => latin1(Buffer.from(text))),
    fc
      .uint8Array({ maxLength: 20 })
      .map((octets) => latin1(Buffer.from(octets.filter((octet) => octet > 13)))),
    fc
      .tuple(oneLine, oneLine, fc.boolean())
      .map(([one, other, isBase64]) => `${word(one, isBase64)}\r\n ${word(other, !isBase64)} tail`),
    fc.constantFrom(
      '=?utf-8?q?unfinished',
      '?= finished',
      '=?utf-8?q?a?= =?utf-8?q?b?=',
      'a\rb\0c',
    ),
  );
  return fc
    .tuple(
      fc.constantFrom('Subject', 'SUBJECT', 'From', 'To', 'Cc', 'Bcc', 'X-Other', 'Comments '),
      value,
    )
    .map(([name, text]) => `${name}: ${text}\r\n`);
}

/** A whole message. */
export const arbitraryMessage: fc.Arbitrary<Buffer> = fc
  .tuple(fc.array(fieldLine(), { maxLength: 4 }), entity)
  .map(([fields, rest]) => Buffer.from(fields.join('') + rest, 'latin1'));
