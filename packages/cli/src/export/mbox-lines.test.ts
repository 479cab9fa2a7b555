/** Lines on their way into an mbox file: in any pieces, the same as done at once. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MboxLines } from './mbox-lines.ts';

function write(octets: Buffer, pieceBytes: number = octets.length): string {
  const lines = new MboxLines();
  const out: Uint8Array[] = [];
  for (let at = 0; at < octets.length; at += Math.max(1, pieceBytes)) {
    out.push(...lines.push(octets.subarray(at, at + Math.max(1, pieceBytes))));
  }
  out.push(...lines.finish());
  return Buffer.concat(out).toString('latin1');
}

/** The same, by looking at the whole message at once. */
function writeAtOnce(text: string): string {
  const lines = text.split(/(?<=\n)/);
  const end = lines.findIndex((line) => line === '\n' || line === '\r\n');
  let isDropped = false;
  return lines
    .filter((line, index) => {
      if (end >= 0 && index >= end) return true;
      if (!/^[ \t]/.test(line)) isDropped = /^(status|x-status|x-keywords):/i.test(line);
      return !isDropped;
    })
    .map((line) => (/^>*From /.test(line) ? `>${line}` : line))
    .join('');
}

describe('MboxLines', () => {
  it.each([
    ['a: b\n\nFrom here\n', 'a: b\n\n>From here\n'],
    ['a: b\n\n>>From here\n', 'a: b\n\n>>>From here\n'],
    ['From x: y\n\n', '>From x: y\n\n'],
    ['a: b\n\nFrom: x\nfrom x\n From x\n', 'a: b\n\nFrom: x\nfrom x\n From x\n'],
    ['Status: RO\na: b\nX-STATUS: A\n \tfolded\nc: d\n\nStatus: x\n', 'a: b\nc: d\n\nStatus: x\n'],
    ['X-Keywords: a\r\na: b\r\n\r\nx', 'a: b\r\n\r\nx'],
    ['Statuses: x\nX-Status\n', 'Statuses: x\nX-Status\n'],
    ['\nFrom', '\nFrom'],
    ['', ''],
  ])('turns %j into %j', (text, expected) => {
    const octets = Buffer.from(text, 'latin1');
    expect(write(octets)).toBe(expected);
    expect(write(octets, 1)).toBe(expected);
  });

  it('does in pieces what it does at once', () => {
    const word = fc.constantFrom(
      ...['>', 'From ', 'Fro', '\n', '\r\n', 'Status: R', 'x-status:', 'X-Keywords: k', ' ', '\t'],
      ...['a: b', 'x', '\r', '>>>>>>>>>>>>>>>>', 'F'],
    );
    fc.assert(
      fc.property(
        fc.array(word, { maxLength: 30 }),
        fc.integer({ min: 1, max: 40 }),
        (words, bytes) => {
          const text = words.join('');
          expect(write(Buffer.from(text, 'latin1'), bytes)).toBe(writeAtOnce(text));
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('holds little of a line that never ends', () => {
    const lines = new MboxLines();
    let held = 0;
    for (const octets of [Buffer.alloc(100_000, '>'), Buffer.alloc(100_000, 'x')]) {
      held += octets.length;
      for (const piece of lines.push(octets)) held -= piece.length;
      expect(held).toBeLessThanOrEqual(16);
    }
  });
});
