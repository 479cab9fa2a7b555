import { describe, expect, it } from 'vitest';
import { splitIntoOctets } from '@homeward/testkit';
import { scanMessage } from './message-scanner.ts';
import { createTextExtractor, listTextRanges, textOfPart } from './text-extractor.ts';

const message = Buffer.from(
  [
    'Subject: outer',
    'Content-Type: multipart/mixed; boundary=b',
    '',
    '--b',
    'Content-Type: text/plain; charset=gb2312',
    'Content-Transfer-Encoding: base64',
    '',
    'xOO6',
    'ww==',
    '--b',
    'Content-Type: image/png',
    '',
    'pixels',
    '--b',
    'Content-Type: message/rfc822',
    '',
    'Subject: inner',
    'Content-Type: text/html; charset="utf-8"',
    'Content-Transfer-Encoding: quoted-printable',
    '',
    '<p>caf=C3=',
    '=A9</p>',
    '--b',
    'Content-Type: message/delivery-status',
    '',
    'Final-Recipient: rfc822; ben@example.org',
    '--b--',
    '',
  ].join('\r\n'),
);
const { root } = scanMessage(message);

describe('listTextRanges()', () => {
  it('lists headers and text bodies in order, the root header first', () => {
    const ranges = listTextRanges(root);
    expect(ranges.map(({ kind }) => kind).join(' ')).toBe(
      'header header body header header header body header body',
    );
    const texts = ranges.map(({ start, end }) => message.toString('latin1', start, end));
    expect(texts[0]).toContain('outer');
    expect(texts[2]).toBe('xOO6\r\nww==');
    expect(texts[5]).toContain('Subject: inner');
    expect(texts.join('')).not.toContain('pixels');
    expect(texts.at(-1)).toContain('ben@example.org');
  });
});

describe('textOfPart()', () => {
  const bodies = listTextRanges(root).flatMap((range) => (range.kind === 'body' ? [range] : []));

  it('undoes transfer encoding and charset', () => {
    const texts = bodies.map(({ part, start, end }) =>
      textOfPart(part, message.subarray(start, end)),
    );
    expect(texts).toEqual(['你好', '<p>café</p>', 'Final-Recipient: rfc822; ben@example.org']);
  });

  it('gives the same an octet at a time', () => {
    for (const { part, start, end } of bodies) {
      const extractor = createTextExtractor(part);
      const pieces = splitIntoOctets(message.subarray(start, end)).map((o) => extractor.push(o));
      expect(pieces.join('') + extractor.finish()).toBe(
        textOfPart(part, message.subarray(start, end)),
      );
    }
  });
});
