import { isAscii } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeEncodedWords } from '../encoded-words.ts';
import { readHeaderField, readHeaderFields } from '../named-fields.ts';
import { parseParameterizedValue, readParameterText } from '../parameter-list.ts';
import { formatSurrogateHeader } from './surrogate-header.ts';

function surrogate(header: string): string {
  return formatSurrogateHeader(Buffer.from(header)).toString('latin1');
}

describe('formatSurrogateHeader() (RFC 6855 §7) keeps', () => {
  test('an ASCII header as it is, the very same octets', () => {
    const header = Buffer.from('Subject: =?utf-8?q?=C3=BC?=\r\nX: y\nbroken\r\n\r\n');
    expect(formatSurrogateHeader(header)).toBe(header);
  });

  test.each([
    [
      'fields in ASCII beside others',
      'A:  b \r\n c\r\nSubject: ü\r\nZ: y\r\n\r\n',
      'A:  b \r\n c\r\n',
    ],
    ['the empty line', 'Subject: ü\r\n\r\n', '?=\r\n\r\n'],
    ['a header that was cut off', 'Subject: ü\r\nX: y', '?=\r\nX: y'],
  ])('%s', (_, header, part) => {
    expect(surrogate(header)).toContain(part);
  });

  test('a field in some other charset, which readers guess', () => {
    const header = Buffer.from('Subject: Gr\xfc\xdfe\r\nFrom: \xfc <a@b.c>\r\n', 'latin1');
    expect(formatSurrogateHeader(header)).toEqual(header);
  });
});

describe('formatSurrogateHeader() turns into encoded words', () => {
  test.each([
    ['Subject: Grüße', 'Grüße'],
    ['Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?= aus München', 'Grüße aus München'],
    ['Subject: ü\r\n weiter', 'ü weiter'],
    ['subject : ü', 'ü'],
    [`Subject: ${'🙂'.repeat(196)}`, '🙂'.repeat(196)],
  ])('%j', (field, text) => {
    const header = surrogate(`${field}\r\n\r\n`);
    expect(decodeEncodedWords(readHeaderField(Buffer.from(header), 'subject') ?? '')).toBe(text);
  });

  test('lines of 76 characters at most (RFC 2047 §2), whatever the name', () => {
    for (const name of ['X', 'Content-Description', 'X-'.padEnd(70, 'y'), 'X-'.padEnd(300, 'y')]) {
      const [first = '', ...rest] = surrogate(`${name}: ${'größer '.repeat(50)}\r\n`).split('\r\n');
      expect(first.startsWith(`${name}: `)).toBe(true);
      const withWords = [first, ...rest].filter((line) => line.includes('=?'));
      expect(withWords.length).toBeGreaterThan(5);
      for (const line of withWords) expect(line.length).toBeLessThanOrEqual(76);
    }
  });
});

describe('formatSurrogateHeader() writes addresses', () => {
  test.each([
    ['Jøran <joran@example.org>', 'From: =?utf-8?B?SsO4cmFu?=\r\n <joran@example.org>'],
    ['anna@bücher.example', 'From: <anna@xn--bcher-kva.example>'],
    ['"Ä, B" <a@b.c>', 'From: =?utf-8?B?w4QsIEI=?=\r\n <a@b.c>'],
    [
      'jøran@blåbær.example',
      'From: =?utf-8?B?asO4cmFuQGJsw6Viw6ZyLmV4YW1wbGU=?=\r\n <invalid@internationalized-address.invalid>',
    ],
    [
      'Jøran <jøran@example.org>, B <b@c.d>',
      'From: =?utf-8?B?SsO4cmFuIChqw7hyYW5AZXhhbXBsZS5vcmcp?=\r\n <invalid@internationalized-address.invalid>,\r\n B\r\n <b@c.d>',
    ],
    ['Gruppe: ä <a@b.c>, d@e.f; ', 'From: Gruppe:\r\n =?utf-8?B?w6Q=?=\r\n <a@b.c>,\r\n <d@e.f>;'],
    ['ü: ;', 'From: =?utf-8?B?w7w=?=:;'],
    ['"a b"@ü.example', 'From: <"a b"@xn--tda.example>'],
  ])('%j', (value, expected) => {
    expect(surrogate(`From: ${value}\r\n\r\n`)).toBe(`${expected}\r\n\r\n`);
  });

  test('to nobody that exists where no ASCII address leads', () => {
    const header = surrogate('Reply-To: ünser <ü@example.org>\r\n');
    expect(header).toMatch(/<invalid@internationalized-address\.invalid>/);
    expect(header).not.toMatch(/@example\.org>/);
  });
});

describe('formatSurrogateHeader() writes parameters (RFC 2231)', () => {
  test.each([
    ['attachment; filename="ü.pdf"; size=3', 'ü.pdf'],
    ['attachment; filename=ü.pdf', 'ü.pdf'],
    [`attachment; filename="${'ünd '.repeat(60)}"`, 'ünd '.repeat(60)],
    ['attachment; x="ü"; filename="plain.pdf"', 'plain.pdf'],
  ])('%j', (value, filename) => {
    const field = surrogate(`Content-Disposition: ${value}\r\n`);
    const read = readHeaderField(Buffer.from(field), 'content-disposition') ?? '';
    const { value: kind, parameters } = parseParameterizedValue(read);
    expect(kind).toBe('attachment');
    expect(readParameterText(parameters, 'filename')).toBe(filename);
    for (const line of field.split('\r\n')) expect(line.length).toBeLessThan(90);
  });

  test('and leaves a field out whose value is not ASCII', () => {
    expect(surrogate('Content-Type: tëxt/plain\r\nX: y\r\n')).toBe('X: y\r\n');
  });
});

describe('formatSurrogateHeader() leaves out', () => {
  test.each([
    'Message-ID: <ü@example.org>',
    'Received: from ü.example by x; Mon, 1 Jan 2024 00:00:00 +0000',
    'References: <a@b>\r\n <ü@x>',
    'DKIM-Signature: v=1; d=ü.example',
    'List-Id: ü <x.y>',
    'Return-Path: <ü@x>',
    'no field at all: ü'.replace(': ', ' '),
    'ü: not a name',
  ])('%j', (field) => {
    expect(surrogate(`A: b\r\n${field}\r\nSubject: x\r\n\r\n`)).toBe('A: b\r\nSubject: x\r\n\r\n');
  });
});

test('formatSurrogateHeader() makes ASCII of any UTF-8, and never crashes', () => {
  const name = fc.constantFrom('From', 'To', 'Subject', 'Content-Type', 'Message-ID', 'X', 'ü', '');
  const text = fc.string({
    unit: fc.constantFrom(
      'ü',
      '漢',
      '🙂',
      'a',
      ' ',
      '"',
      '<',
      '>',
      '@',
      ',',
      ':',
      ';',
      '(',
      '\\',
      '=',
    ),
    maxLength: 60,
  });
  fc.assert(
    fc.property(fc.array(fc.tuple(name, text), { maxLength: 8 }), (fields) => {
      const header = fields.map(([key, value]) => `${key}: ${value}\r\n`).join('');
      const written = formatSurrogateHeader(Buffer.from(`${header}X-End: 1\r\n\r\n`));
      expect(isAscii(written)).toBe(true);
      expect(written.toString()).toMatch(/X-End: 1\r\n\r\n$/);
      expect(readHeaderFields(written, 'x-end')).toEqual(['1']);
    }),
    { numRuns: 1000 },
  );
});
