import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DotStuffer } from './dot-stuffer.ts';
import type { LineStart } from './dot-stuffer.ts';
import { DotUnstuffer } from './dot-unstuffer.ts';

function stuff(pieces: readonly string[], lineStart: LineStart = 'crlf'): string {
  const stuffer = new DotStuffer(lineStart);
  const parts = pieces.map((piece) => stuffer.encode(Buffer.from(piece)).toString('latin1'));
  return parts.join('') + stuffer.end();
}

interface Unstuffed {
  readonly text: string;
  readonly isEnd: boolean;
  readonly rest: string;
}

function unstuff(pieces: readonly string[]): Unstuffed {
  const unstuffer = new DotUnstuffer();
  let text = '';
  for (const [index, piece] of pieces.entries()) {
    const got = unstuffer.push(Buffer.from(piece, 'latin1'));
    text += got.octets.toString('latin1');
    const rest = got.rest.toString('latin1') + pieces.slice(index + 1).join('');
    if (got.isEnd) return { text, isEnd: true, rest };
  }
  return { text, isEnd: false, rest: '' };
}

const nasty = fc.string({
  unit: fc.constantFrom('.', '\r', '\n', '\r\n', 'a', '\r\n.'),
  maxLength: 80,
});

describe('DotStuffer', () => {
  test.each([
    ['', '.\r\n'],
    ['a\r\n', 'a\r\n.\r\n'],
    ['a', 'a\r\n.\r\n'],
    ['.\r\n', '..\r\n.\r\n'],
    ['.a', '..a\r\n.\r\n'],
    ['a\r\n.\r\n.b\r\n', 'a\r\n..\r\n..b\r\n.\r\n'],
    ['a.\r\n', 'a.\r\n.\r\n'],
    ['a\n.b\r\n', 'a\n.b\r\n.\r\n'],
    ['a\r.b\r\n', 'a\r.b\r\n.\r\n'],
    ['a\n', 'a\n\r\n.\r\n'],
    ['a\r', 'a\r\r\n.\r\n'],
  ])('writes %j as %j', (message, expected) => {
    expect(stuff([message])).toBe(expected);
  });

  test('with any-lf stuffs behind a bare LF, too', () => {
    expect(stuff(['a\n.\n.b'], 'any-lf')).toBe('a\n..\n..b\r\n.\r\n');
    expect(stuff(['a\r\n', '.\n', '.'], 'any-lf')).toBe('a\r\n..\n..\r\n.\r\n');
  });

  test('passes a piece without such lines through without a copy', () => {
    const piece = Buffer.from('nothing.to see\r\nhere');
    expect(new DotStuffer().encode(piece)).toBe(piece);
  });

  test.each(['crlf', 'any-lf'] as const)('%s gives the same in any split', (lineStart) => {
    fc.assert(
      fc.property(nasty, (message) => {
        const whole = stuff([message], lineStart);
        expect(stuff(Array.from(message), lineStart)).toBe(whole);
        for (let at = 0; at <= message.length; at += 1) {
          expect(stuff([message.slice(0, at), message.slice(at)], lineStart)).toBe(whole);
        }
      }),
    );
  });

  test('with any-lf leaves no LF-split line that could end the message early', () => {
    fc.assert(
      fc.property(nasty, (message) => {
        const lines = stuff([message], 'any-lf').split('\n');
        expect(lines.findIndex((line) => line === '.' || line === '.\r')).toBe(lines.length - 2);
      }),
    );
  });
});

describe('DotUnstuffer', () => {
  test.each([
    ['.\r\n', '', true, ''],
    ['a\r\n.\r\nNEXT', 'a\r\n', true, 'NEXT'],
    ['..\r\n.\r\n', '.\r\n', true, ''],
    ['.a\r\n.\r\n', 'a\r\n', true, ''],
    ['a\r\n..b\r\n.\r\n', 'a\r\n.b\r\n', true, ''],
    ['.\r.\r\n.\r\n', '\r.\r\n', true, ''],
    ['.\r\r\n.\r\n', '\r\r\n', true, ''],
    // None of these ends the message: only CRLF . CRLF does.
    ['a\n.\n', 'a\n.\n', false, ''],
    ['a\n.\r\n', 'a\n.\r\n', false, ''],
    ['a\r.\r\n', 'a\r.\r\n', false, ''],
    ['a\r\n.\n', 'a\r\n\n', false, ''],
    ['a.\r\n', 'a.\r\n', false, ''],
    ['a\r\n.\rb', 'a\r\n\rb', false, ''],
  ])('reads %j as %j, end %j', (sent, text, isEnd, rest) => {
    expect(unstuff([sent])).toEqual({ text, isEnd, rest });
    expect(unstuff(Array.from(sent))).toEqual({ text, isEnd, rest });
  });

  test('reads one message after the other', () => {
    const unstuffer = new DotUnstuffer();
    const first = unstuffer.push(Buffer.from('a\r\n.\r\n..\r\n.\r\n'));
    const second = unstuffer.push(first.rest);
    expect(second.octets.toString()).toBe('.\r\n');
    expect(second.isEnd).toBe(true);
  });

  test('gives back what DotStuffer wrote, in any split', () => {
    fc.assert(
      fc.property(nasty, fc.infiniteStream(fc.integer({ min: 1, max: 7 })), (message, sizes) => {
        const stuffed = stuff([message]) + 'REST';
        const pieces: string[] = [];
        for (let at = 0; at < stuffed.length;) {
          const size = sizes.next().value ?? 1;
          pieces.push(stuffed.slice(at, at + size));
          at += size;
        }
        const complete = message === '' || message.endsWith('\r\n') ? message : `${message}\r\n`;
        expect(unstuff(pieces)).toEqual({ text: complete, isEnd: true, rest: 'REST' });
      }),
      { numRuns: 500 },
    );
  });

  test('a megabyte of nothing but dots and line ends takes no quadratic time', () => {
    const worst = '.\r\n'.repeat(350_000);
    const stuffed = stuff([worst]);
    expect(unstuff([stuffed]).text).toBe(worst);
  });
});
