/** Part numbers as RFC 3501 §6.4.5 explains them, on its own example. */
import { describe, expect, it } from 'vitest';
import { scanMessage } from './message-scanner.ts';
import { findPart, findSection, type SectionText } from './part-path.ts';

function multipart(boundary: string, ...parts: readonly string[]): string {
  const body = parts.map((part) => `--${boundary}\r\n${part}\r\n`).join('');
  return `Content-Type: multipart/mixed; boundary=${boundary}\r\n\r\n${body}--${boundary}--\r\n`;
}

const text = (words: string): string => `Content-Type: text/plain\r\n\r\n${words}`;
const octetStream = 'Content-Type: application/octet-stream\r\n\r\noctets';
const embed = (message: string): string => `Content-Type: message/rfc822\r\n\r\n${message}`;

/** The example of §6.4.5, numbered as there. */
const example = multipart(
  'a',
  text('one'),
  octetStream,
  embed(`Subject: three\r\n${multipart('b', text('three one'), octetStream)}`),
  multipart(
    'c',
    'Content-Type: image/gif\r\nContent-ID: <four-one>\r\n\r\ngif',
    embed(
      `Subject: four two\r\n${multipart(
        'd',
        text('four two one'),
        multipart('e', text('four two two one'), 'Content-Type: text/richtext\r\n\r\nrich'),
      )}`,
    ),
  ),
);

function read(message: string, section: string): string | undefined {
  const words = section.split('.');
  const numbers = words.filter((word) => /^\d+$/.test(word)).map(Number);
  const last = words.at(-1)?.toLowerCase() ?? '';
  const kind = (/^[a-z]/.test(last) ? last : 'all') as SectionText;
  const range = findSection(scanMessage(Buffer.from(message)).root, numbers, kind);
  return range && message.slice(range.start, range.end);
}

describe('findSection()', () => {
  it.each([
    ['', example],
    ['1', 'one'],
    ['1.mime', 'Content-Type: text/plain\r\n\r\n'],
    ['2', 'octets'],
    ['3.header', 'Subject: three\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n'],
    ['3.1', 'three one'],
    ['3.2', 'octets'],
    ['3.mime', 'Content-Type: message/rfc822\r\n\r\n'],
    ['4.1', 'gif'],
    ['4.1.mime', 'Content-Type: image/gif\r\nContent-ID: <four-one>\r\n\r\n'],
    ['4.2.header', 'Subject: four two\r\nContent-Type: multipart/mixed; boundary=d\r\n\r\n'],
    ['4.2.1', 'four two one'],
    ['4.2.2.1', 'four two two one'],
    ['4.2.2.2', 'rich'],
    ['4.2.2.2.mime', 'Content-Type: text/richtext\r\n\r\n'],
  ])('finds BODY[%s] of the example', (section, expected) => {
    expect(read(example, section)).toBe(expected);
  });

  it('divides a message into HEADER and TEXT, and a message part likewise', () => {
    expect(`${read(example, 'header')}${read(example, 'text')}`).toBe(example);
    expect(`${read(example, '3.header')}${read(example, '3.text')}`).toBe(read(example, '3'));
  });

  it.each(['0', '5', '1.1', '1.header', '2.text', '3.3', '4.header', '4.1.1', '4.2.2.3', 'mime'])(
    'finds no BODY[%s] in the example',
    (section) => {
      expect(read(example, section)).toBeUndefined();
    },
  );

  it('counts the body of a message that is no multipart as part 1', () => {
    const plain = 'Subject: x\r\n\r\nbody';
    expect(read(plain, '1')).toBe('body');
    expect(read(plain, '1.mime')).toBe('Subject: x\r\n\r\n');
    expect([read(plain, '2'), read(plain, '1.1'), read(plain, '1.text')]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('goes on into the message inside where the whole message is one', () => {
    const wrapped = embed('Subject: inside\r\n\r\nbody');
    expect(read(wrapped, '1')).toBe('Subject: inside\r\n\r\nbody');
    expect(read(wrapped, '1.header')).toBe('Subject: inside\r\n\r\n');
    expect(read(wrapped, '1.text')).toBe('body');
    expect(read(wrapped, '1.1')).toBe('body');
    expect(read(wrapped, '1.1.1')).toBeUndefined();
  });

  it('takes numbers that are none for parts that are none', () => {
    const { root } = scanMessage(Buffer.from(example));
    for (const number of [-1, 0.5, Number.NaN, Number.MAX_SAFE_INTEGER]) {
      expect(findPart(root, [number])).toBeUndefined();
    }
  });
});
