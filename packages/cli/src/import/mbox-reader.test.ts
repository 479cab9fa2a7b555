import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { type MboxMessage, MboxReader } from './mbox-reader.ts';

const FROM = 'From anna@example.org Thu Mar  5 10:20:30 2026';

function read(text: string | Buffer, pieceBytes: number = Number.MAX_SAFE_INTEGER): MboxMessage[] {
  const octets = Buffer.from(text);
  const reader = new MboxReader();
  const found: MboxMessage[] = [];
  for (let at = 0; at < octets.length; at += pieceBytes) {
    found.push(...reader.push(Buffer.from(octets.subarray(at, at + pieceBytes))));
  }
  found.push(...reader.end());
  return found;
}

const texts = (messages: readonly MboxMessage[]): string[] =>
  messages.map(({ octets }) => octets.toString('latin1'));

describe('MboxReader', () => {
  test.each([
    ['one message', `${FROM}\na: b\n\nbody\n`, ['a: b\n\nbody\n']],
    [
      'two, the empty line between them is none of theirs',
      `${FROM}\na\n\n${FROM}\nb\n\n`,
      ['a\n', 'b\n'],
    ],
    [
      'CRLF as it is',
      `${FROM}\r\na: b\r\n\r\nbody\r\n\r\n${FROM}\r\nc\r\n`,
      ['a: b\r\n\r\nbody\r\n', 'c\r\n'],
    ],
    ['a last line without its end', `${FROM}\na: b\n\nbody`, ['a: b\n\nbody']],
    ['a quoted From', `${FROM}\n\n>From here\n`, ['\nFrom here\n']],
    ['a From quoted twice (mboxrd)', `${FROM}\n\n>>From here\n`, ['\n>From here\n']],
    ['a date with a zone', 'From a Thu Mar  5 10:20:30 +0100 2026\nx\n', ['x\n']],
    ['a first line without a date', 'From somebody\nx\n', ['x\n']],
    ['an empty message', `${FROM}\n\n${FROM}\nb\n`, ['\n', 'b\n']],
    ['no message', '', []],
  ])('finds %s', (_claim, text, expected) => {
    expect(texts(read(text))).toEqual(expected);
    expect(texts(read(text, 1))).toEqual(expected);
  });

  test.each([
    ['a From in the middle of a paragraph', `${FROM}\n\nhi\n${FROM}\nx\n`],
    ['a From without a date behind an empty line', `${FROM}\n\nhi\n\nFrom here on all is well\n`],
    ['a quotation of something else', `${FROM}\n\n\n> From here\n`],
  ])('does not divide at %s', (_claim, text) => {
    expect(read(text)).toHaveLength(1);
    expect(read(text, 1)).toHaveLength(1);
  });

  test.each([
    [FROM, Date.UTC(2026, 2, 5, 10, 20, 30)],
    ['From a Thu Mar  5 10:20:30 +0200 2026', Date.UTC(2026, 2, 5, 8, 20, 30)],
    ['From a Thu Mar  5 10:20 2026', Date.UTC(2026, 2, 5, 10, 20)],
    ['From a Thu Mar  5 10:20:30 2026 +0200', Date.UTC(2026, 2, 5, 8, 20, 30)],
    ['From somebody', undefined],
  ])('reads the time of %j', (line, expected) => {
    expect(read(`${line}\nx\n`)[0]?.receivedMs).toBe(expected);
  });

  test.each([
    ['Status: RO\n', ['\\Seen']],
    ['Status: O\n', []],
    ['Status: RO\nX-Status: AF\n', ['\\Seen', '\\Answered', '\\Flagged']],
    ['x-status: TD\n', ['\\Draft', '\\Deleted']],
    ['Subject: x\n\nStatus: R\n', []],
    ['X-Keywords: $Label1  NonJunk\n\tthird (odd)\n', ['$Label1', 'NonJunk', 'third']],
    ['Statuses: R\n', []],
  ])('reads flags of %j', (header, expected) => {
    expect(read(`${FROM}\n${header}\n\nbody\n`)[0]?.flags).toEqual(expected);
  });

  it('takes the fields with flags out of the message', () => {
    const header = 'a: b\nStatus: RO\n  folded\nc: d\nX-Keywords: k\n';
    expect(texts(read(`${FROM}\n${header}\nStatus: stays\n`))).toEqual([
      'a: b\nc: d\n\nStatus: stays\n',
    ]);
  });

  it('gives the same whatever the pieces', () => {
    const line = fc.constantFrom(FROM, '>From x', '', 'text', 'From me to you', 'a: b');
    fc.assert(
      fc.property(fc.array(line), fc.integer({ min: 1, max: 50 }), (lines, pieceBytes) => {
        const text = `${FROM}\n${lines.join('\n')}`;
        expect(read(text, pieceBytes)).toEqual(read(text));
      }),
    );
  });

  it('keeps a line that is longer than any buffer', () => {
    const long = 'x'.repeat(700_000);
    expect(texts(read(`${FROM}\n\n${long}\n\n${FROM}\nb\n`, 4_096))).toEqual([
      `\n${long}\n`,
      'b\n',
    ]);
  });
});
