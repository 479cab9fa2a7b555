import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineEndWriter, type LineEnds } from './line-ends.ts';

interface Written {
  readonly text: string;
  readonly hasOddEnds: boolean;
  readonly endsWithLine: boolean;
}

function write(text: string, lineEnds: LineEnds, pieceBytes: number): Written {
  const writer = new LineEndWriter(lineEnds);
  const octets = Buffer.from(text, 'latin1');
  const out: Uint8Array[] = [];
  for (let at = 0; at < octets.length; at += pieceBytes) {
    out.push(...writer.push(octets.subarray(at, at + pieceBytes)));
  }
  out.push(...writer.finish());
  const { hasOddEnds, endsWithLine } = writer;
  return { text: Buffer.concat(out).toString('latin1'), hasOddEnds, endsWithLine };
}

describe('LineEndWriter', () => {
  it.each([
    ['a\r\nb\r\n', 'a\nb\n', false, true],
    ['a\r\n\r\n', 'a\n\n', false, true],
    ['a', 'a', false, false],
    ['', '', false, false],
    ['a\nb\r\n', 'a\nb\n', true, true],
    ['a\rb\r\n', 'a\rb\n', true, true],
    ['a\r', 'a\r', true, false],
    ['\r\r\n', '\r\n', true, true],
    ['\n', '\n', true, true],
  ])('turns %j into %j', (text, expected, hasOddEnds, endsWithLine) => {
    for (const bytes of [1, 2, 3, 100]) {
      expect(write(text, 'lf', bytes)).toEqual({ text: expected, hasOddEnds, endsWithLine });
    }
  });

  it('turns into LF whatever the pieces, and knows whether that can be undone', () => {
    const word = fc.constantFrom('\r', '\n', '\r\n', 'a', 'bc');
    fc.assert(
      fc.property(fc.array(word), fc.integer({ min: 1, max: 9 }), (words, bytes) => {
        const text = words.join('');
        const written = write(text, 'lf', bytes);
        expect(written.text).toBe(text.replaceAll('\r\n', '\n'));
        expect(written.hasOddEnds).toBe(/\r(?!\n)|(?<!\r)\n/.test(text));
      }),
      { numRuns: 1_000 },
    );
  });

  it('leaves exact octets alone', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('\r', '\n', 'a') }), (text) => {
        expect(write(text, 'exact', 2)).toMatchObject({ text, endsWithLine: text.endsWith('\n') });
      }),
    );
  });
});
