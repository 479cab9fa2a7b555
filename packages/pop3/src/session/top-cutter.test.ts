import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TopCutter } from './top-cutter.ts';

function cut(pieces: readonly string[], lineCount: number): string {
  const cutter = new TopCutter(lineCount);
  let kept = '';
  for (const piece of pieces) {
    const { count, isDone } = cutter.take(Buffer.from(piece, 'latin1'));
    kept += piece.slice(0, count);
    if (isDone) break;
  }
  return kept;
}

describe('TopCutter', () => {
  test.each([
    ['A: 1\r\n\r\none\r\ntwo\r\n', 0, 'A: 1\r\n\r\n'],
    ['A: 1\r\n\r\none\r\ntwo\r\n', 1, 'A: 1\r\n\r\none\r\n'],
    ['A: 1\r\n\r\none\r\ntwo', 2, 'A: 1\r\n\r\none\r\ntwo'],
    ['A: 1\r\n\r\none\r\ntwo\r\n', 9, 'A: 1\r\n\r\none\r\ntwo\r\n'],
    ['A: 1\r\nB: 2', 0, 'A: 1\r\nB: 2'],
    ['\r\nbody\r\n', 0, '\r\n'],
    ['\r\n\r\nbody\r\n', 1, '\r\n\r\n'],
    ['A: 1\n\none\ntwo\n', 1, 'A: 1\n\none\n'],
    ['A: 1\r\n\r\r\nx\r\n\r\ny\r\n', 0, 'A: 1\r\n\r\r\nx\r\n\r\n'],
    ['', 5, ''],
  ])('keeps of %j with %i lines', (message, lineCount, expected) => {
    expect(cut([message], lineCount)).toBe(expected);
    expect(cut(Array.from(message), lineCount)).toBe(expected);
  });

  test('cuts the same in any split', () => {
    const message = fc.string({ unit: fc.constantFrom('\r', '\n', '\r\n', 'a'), maxLength: 40 });
    fc.assert(
      fc.property(message, fc.nat(4), (text, lineCount) => {
        expect(cut(Array.from(text), lineCount)).toBe(cut([text], lineCount));
      }),
    );
  });
});
