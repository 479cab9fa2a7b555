/** The writing half of what `mime` reads, and files that other programs must be able to open. */
import { crc32, inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { decodeEncodedWords, decodeTransferEncoding } from '@homeward/mime';
import { encodeCharset, type OldCharset } from './charset-encoder.ts';
import { createPdf, createPng } from './files.ts';
import {
  encodeBase64Lines,
  encodeHeaderText,
  encodeQuotedPrintable,
  encodeWord,
  encodeWordQ,
} from './transfer-encoding.ts';

describe('encodeCharset()', () => {
  it.each<readonly [OldCharset, string]>([
    ['gb18030', '你好，world！\r\n再见'],
    ['iso-2022-jp', 'こんにちは、world。\r\n橋'],
    ['koi8-r', 'Привет, её мир!'],
    ['iso-8859-1', 'Grüße, señor'],
    ['iso-8859-7', 'Καλημέρα, κόσμε'],
  ])('writes %s that decodes to the same', (charset, text) => {
    expect(new TextDecoder(charset).decode(encodeCharset(text, charset))).toBe(text);
  });

  it('writes ISO-2022-JP in seven bits and "?" for what a charset lacks', () => {
    const octets = encodeCharset('橋 a', 'iso-2022-jp');
    expect(octets.every((octet) => octet < 0x80)).toBe(true);
    expect(encodeCharset('a😀b', 'koi8-r').toString()).toBe('a?b');
  });
});

describe('transfer encodings', () => {
  const octets = Buffer.from(
    'Grüße = \t\r\n\r\n trailing \r\n'.repeat(9) + 'x'.repeat(200) + 'ä'.repeat(99),
  );

  it.each([
    ['quoted-printable', encodeQuotedPrintable],
    ['base64', encodeBase64Lines],
  ] as const)('writes %s that decodes to the same, in short lines', (encoding, encode) => {
    const text = encode(octets);
    expect(Buffer.from(decodeTransferEncoding(Buffer.from(text), encoding))).toEqual(octets);
    expect(text.split('\r\n').every((line) => line.length <= 76)).toBe(true);
  });

  it.each(['plain', 'Grüße', '😀'.repeat(60), '日本 '.repeat(30)])(
    'writes header text %s',
    (text) => {
      const encoded = encodeHeaderText(text);
      expect(decodeEncodedWords(encoded.replaceAll('\r\n', ''))).toBe(text);
      expect(encoded.split('\r\n').every((line) => line.length <= 76)).toBe(true);
    },
  );

  it('writes words in old charsets in both encodings', () => {
    const word = encodeCharset('Привет = мир?', 'koi8-r');
    expect(decodeEncodedWords(encodeWord(word, 'koi8-r'))).toBe('Привет = мир?');
    expect(decodeEncodedWords(encodeWordQ(word, 'koi8-r'))).toBe('Привет = мир?');
  });
});

describe('createPng()', () => {
  it('writes chunks with right checksums and the pixels painted', () => {
    const png = createPng(3, 2, (x, y) => [x, y, 9]);
    const chunks: [string, Buffer][] = [];
    for (let at = 8; at < png.length;) {
      const length = png.readUInt32BE(at);
      const body = png.subarray(at + 4, at + 8 + length);
      expect(png.readUInt32BE(at + 8 + length)).toBe(crc32(body));
      chunks.push([body.toString('latin1', 0, 4), body.subarray(4)]);
      at += 12 + length;
    }
    expect(chunks.map(([type]) => type)).toEqual(['IHDR', 'IDAT', 'IEND']);
    expect([...inflateSync(chunks[1]?.[1] ?? Buffer.alloc(0))]).toEqual(
      [
        [0, 0, 0, 9, 1, 0, 9, 2, 0, 9],
        [0, 0, 1, 9, 1, 1, 9, 2, 1, 9],
      ].flat(),
    );
  });
});

describe('createPdf()', () => {
  it('writes a cross-reference table that points at its objects', () => {
    const text = createPdf(['Ticket (paper)', 'second line']).toString('latin1');
    const rows = [...text.matchAll(/^(\d{10}) 00000 n $/gm)];
    expect(rows).toHaveLength(5);
    rows.forEach(([, offset], index) => {
      expect(text.slice(Number(offset))).toMatch(new RegExp(`^${index + 1} 0 obj\\n`));
    });
    expect(text.slice(Number(/startxref\n(\d+)/.exec(text)?.[1]))).toMatch(/^xref\n/);
  });
});
