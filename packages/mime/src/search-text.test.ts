import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scanMessage } from './message-scanner.ts';
import type { MimePart } from './message-shape.ts';
import { createFoldedTextReader, foldBody, foldHeader, visitHeaderFields } from './search-text.ts';

function message(type: string, encoding: string, body: string): [MimePart, Buffer] {
  const header = `Content-Type: ${type}\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n`;
  const octets = Buffer.from(header + body, 'latin1');
  const { root } = scanMessage(octets);
  return [root, octets.subarray(root.bodyStart, root.bodyEnd)];
}

describe('foldBody()', () => {
  it.each<[string, string, string, string]>([
    ['text/plain', '7bit', 'Say gruss', 'SAY GRUSS'],
    ['text/plain; charset=utf-8', '8bit', 'gr\xc3\xbc\xc3\x9fe', 'GRU\u0308SSE'],
    ['text/plain; charset=iso-8859-1', 'quoted-printable', 'gr=FC=DF=\r\ne', 'GRU\u0308SSE'],
    ['text/plain; charset=utf-16be', 'base64', 'AGEAYg==', 'AB'],
    ['text/plain; charset=utf-7', '7bit', '+AGcAcg-uss', 'GRUSS'],
    ['text/plain; charset=iso-2022-jp', '7bit', '\x1b$B$3\x1b(B', '\u3053'],
  ])('reads %s in %s', (type, encoding, body, expected) => {
    expect(foldBody(...message(type, encoding, body))).toBe(expected);
  });

  it('gives what a reader gives in pieces', () => {
    const [part, octets] = message('text/plain; charset=utf-8', 'base64', 'R3LDvMOfZSE=');
    for (let size = 1; size <= octets.length; size += 1) {
      const reader = createFoldedTextReader(part);
      let text = '';
      for (let at = 0; at < octets.length; at += size) {
        text += reader.push(octets.subarray(at, at + size));
      }
      expect(text + reader.finish()).toBe(foldBody(part, octets));
    }
  });
});

describe('foldBody() of mixed lines', () => {
  const ascii = `${'The quick brown fox jumps over the lazy dog. '.repeat(13)}\r\n`;
  const piece = fc.constantFrom(
    ...[ascii, ascii, ascii, ascii, '\n', '\r\n', 'x', '\xc3\xbc', '\xfc', '\xc3', '\xe2\x82'],
    ...['\ufeff', '\u0301', '\u0345\u0301', 'ß', '\u{1f600}', 'ﬁ'].map((text) =>
      Buffer.from(text).toString('latin1'),
    ),
  );
  const charset = fc.constantFrom(
    ...['utf-8', 'us-ascii', 'iso-8859-1', 'iso-8859-16', 'iso-8859-12', 'windows-1255', 'koi8-u'],
    ...['utf-7', 'gbk', 'x-unknown', 'hz-gb-2312'],
  );
  const encoding = fc.constantFrom('8bit', '7bit', 'binary', 'quoted-printable', 'x-nonsense');

  it('gives what a reader gives that is given the whole', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), charset, encoding, (pieces, name, coding) => {
        const [part, octets] = message(`text/plain; charset=${name}`, coding, pieces.join(''));
        const reader = createFoldedTextReader(part);
        const expected = reader.push(octets) + reader.finish();
        expect(foldBody(part, octets)).toBe(expected);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('foldHeader()', () => {
  it('unfolds fields, decodes words and keeps one line for each field', () => {
    const header = Buffer.from('Subject: =?utf-8?q?gr=C3=BC?=\r\n =?utf-8?q?n?=\r\nTo:\r\n\ta\r\n');
    expect(foldHeader(header)).toBe('SUBJECT: GRU\u0308N\r\nTO:\tA\r\n');
  });
});

describe('visitHeaderFields()', () => {
  it('gives names in lower case and values unfolded, and leaves out what is no field', () => {
    const header = Buffer.from(
      'From me\r\nSubject : a\r\n b\r\nno field\r\nX-A:\r\n\r\nBody: c\r\n',
    );
    const fields: [string, string][] = [];
    visitHeaderFields(header, (name, value) => void fields.push([name, value]));
    expect(fields).toEqual([
      ['subject', 'a b'],
      ['x-a', ''],
    ]);
  });
});
