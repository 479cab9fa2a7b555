/**
 * Lines: everything up to CRLF, with a cap. What is irregular (a line that ends with a bare LF,
 * a CR in the middle, NUL) is reported, never judged: protocols differ in what they put up with.
 */
import type { ByteQueue } from './byte-queue.ts';

const CR = 0x0d;
const NUL = 0x00;

/** One line, taken from a queue. */
export interface Line {
  /** Without its line end. A view where possible. */
  readonly octets: Buffer;
  readonly end: 'crlf' | 'lf';
  /** A CR that no LF follows. */
  readonly hasBareCr: boolean;
  readonly hasNul: boolean;
}

/**
 * Takes the next line.
 *
 * @param limitBytes The longest line allowed, its line end included.
 * @returns The line; 'need-more' if its end is not there yet; 'too-long' as soon as it cannot
 *   fit any more (nothing is taken; close, or get rid of it by `discardLine`).
 */
export function takeLine(queue: ByteQueue, limitBytes: number): Line | 'need-more' | 'too-long' {
  const lf = queue.indexOfLf();
  if (lf < 0) return queue.length >= limitBytes ? 'too-long' : 'need-more';
  if (lf >= limitBytes) return 'too-long';
  const whole = queue.take(lf + 1);
  const isCrlf = lf > 0 && whole[lf - 1] === CR;
  const octets = whole.subarray(0, isCrlf ? lf - 1 : lf);
  return {
    octets,
    end: isCrlf ? 'crlf' : 'lf',
    hasBareCr: octets.includes(CR),
    hasNul: octets.includes(NUL),
  };
}

/**
 * Drops octets up to and with the next LF.
 *
 * @returns false if the LF is not there yet; everything else was dropped, call again with more.
 */
export function discardLine(queue: ByteQueue): boolean {
  const lf = queue.indexOfLf();
  if (lf < 0) {
    queue.clear();
    return false;
  }
  queue.skip(lf + 1);
  return true;
}
