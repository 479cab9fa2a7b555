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
