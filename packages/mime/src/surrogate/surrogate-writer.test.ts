import { isAscii } from 'node:buffer';
import { describe, expect, test } from 'vitest';
import { scanMessage } from '../message-scanner.ts';
import { formatSurrogateHeader } from './surrogate-header.ts';
import { listHeaderRanges, SurrogateWriter } from './surrogate-writer.ts';

function write(message: string | Buffer, pieceBytes: number): string {
  const octets = Buffer.from(message);
  const writer = new SurrogateWriter(listHeaderRanges(scanMessage(octets)));
  const written: Buffer[] = [];
  for (let at = 0; at < octets.length; at += pieceBytes) {
    written.push(...writer.push(octets.subarray(at, at + pieceBytes)));
  }
  written.push(...writer.finish());
  return Buffer.concat(written).toString();
}

const inner = 'Subject: Innen\u00fc\r\n\r\nlieber K\u00f6rper\r\n';
const message =
  'Subject: Gr\u00fc\u00dfe\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\nVorwort \u00fc\r\n' +
  '--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n' +
  'Text mit \u00dcmlauten\r\n' +
  '--b\r\nContent-Disposition: attachment; filename="\u00fc.bin"\r\n\r\nAAAA\r\n' +
  `--b\r\nContent-Type: message/rfc822\r\nContent-Description: \u00fc\r\n\r\n${inner}\r\n--b--\r\nEpilog \u00fc\r\n`;

describe('SurrogateWriter', () => {
  test('replaces the headers of a message and of its parts, and no body', () => {
    const written = write(message, message.length * 2);
    expect(written).toContain('Subject: =?utf-8?B?R3LDvMOfZQ==?=\r\n');
    expect(written).toContain(
      "Content-Disposition: attachment;\r\n filename*=utf-8''%C3%BC.bin\r\n",
    );
    expect(written).toContain('Content-Description: =?utf-8?B?w7w=?=\r\n');
    expect(written).toContain('Subject: =?utf-8?B?SW5uZW7DvA==?=\r\n\r\nlieber K\u00f6rper');
    expect(written).toContain('Text mit \u00dcmlauten\r\n');
    expect(written).toContain('Vorwort \u00fc\r\n');
    expect(written).toContain('Epilog \u00fc\r\n');
    const headers = listHeaderRanges(scanMessage(Buffer.from(written)));
    for (const { start, end } of headers) {
      expect(isAscii(Buffer.from(written).subarray(start, end))).toBe(true);
    }
    expect(headers).toHaveLength(5);
  });

  test.each([1, 2, 3, 7, 50, 333])('gives the same in pieces of %i octets', (pieceBytes) => {
    expect(write(message, pieceBytes)).toBe(write(message, message.length * 2));
  });

  test('gives an ASCII message back as it is', () => {
    const ascii = message.replaceAll(/[^\p{ASCII}]/gu, '?');
    for (const pieceBytes of [1, 10, 10_000]) expect(write(ascii, pieceBytes)).toBe(ascii);
  });

  test('writes what it holds when the message ends inside a header', () => {
    const writer = new SurrogateWriter([{ start: 0, end: 100 }]);
    expect(writer.push(Buffer.from('Subject: \u00fc\r\n'))).toEqual([]);
    expect(Buffer.concat([...writer.finish()]).toString()).toBe('Subject: =?utf-8?B?w7w=?=\r\n');
    expect(writer.finish()).toEqual([]);
  });

  test('masks a header that is too long to be held, and holds nothing of it', () => {
    const long = `Subject: ${'\u00fc'.repeat(200_000)}\r\n\r\nbody \u00fc`;
    const written = write(long, 1000);
    expect(written).toBe(`Subject: ${'?'.repeat(400_000)}\r\n\r\nbody \u00fc`);
  });

  test('takes a header of the largest size that is held in a moment', () => {
    const header = Buffer.from(`${'To: \u00fc <a@b.c>, x\r\n'.repeat(12_000)}\r\n`);
    expect(isAscii(formatSurrogateHeader(header))).toBe(true);
    const one = Buffer.from(`To: ${'\u00fc <a@b.c>,'.repeat(20_000)}\r\n\r\n`);
    expect(isAscii(formatSurrogateHeader(one))).toBe(true);
  });
});
