/**
 * Dot-stuffing on the way out (RFC 1939 §3, RFC 5321 §4.5.2): a line that begins with a dot gets
 * another one, and a line with a lone dot ends the whole. A piece without such lines passes
 * through as it is, without a copy.
 */
import { viewAsBuffer } from './buffer-view.ts';

const CR = 0x0d;
const LF = 0x0a;
const DOT = 0x2e;
const CRLF_DOT: Buffer = Buffer.from('\r\n.');
const LF_DOT: Buffer = Buffer.from('\n.');

/**
 * What begins a line.
 * - `crlf`: only CRLF, as the RFCs say; `DotUnstuffer` then gives back the very same octets.
 * - `any-lf`: a bare LF, too. For peers that split at LF (many do): for them a message with
 *   LF . LF in it would end early, and its rest would be taken for the server's next answers.
 */
export type LineStart = 'crlf' | 'any-lf';

/** Encodes one message: any number of `encode`, then one `end`. Then it may encode the next. */
export class DotStuffer {
  readonly #needle: Buffer;
  readonly #isAnyLf: boolean;
  /** The last octets so far, as far as they matter. */
  #last: 'line-start' | 'cr' | 'lf' | 'other' = 'line-start';

  constructor(lineStart: LineStart = 'crlf') {
    this.#isAnyLf = lineStart === 'any-lf';
    this.#needle = this.#isAnyLf ? LF_DOT : CRLF_DOT;
  }

  /** @returns The octets to send for this piece: the piece itself, or a stuffed copy. */
  encode(octets: Uint8Array): Buffer {
    const piece = viewAsBuffer(octets);
    if (piece.length === 0) return piece;
    const dots = this.#findDots(piece);
    this.#last = this.#stateAfter(piece);
    return dots.length === 0 ? piece : insertDots(piece, dots);
  }

  /** @returns The end of the message: a CRLF if the last line lacks it, and the lone dot. */
  end(): string {
    const needsLineEnd = this.#last !== 'line-start';
    this.#last = 'line-start';
    return needsLineEnd ? '\r\n.\r\n' : '.\r\n';
  }

  /** Offsets of the dots that begin a line. */
  #findDots(piece: Buffer): number[] {
    const dots: number[] = [];
    if (this.#startsWithLineDot(piece)) dots.push(0);
    if (this.#last === 'cr' && piece[0] === LF && piece[1] === DOT && !this.#isAnyLf) dots.push(1);
    const ahead = this.#needle.length - 1;
    for (let at = piece.indexOf(this.#needle); at >= 0; at = piece.indexOf(this.#needle, at)) {
      at += ahead;
      dots.push(at);
    }
    return dots;
  }

  #startsWithLineDot(piece: Buffer): boolean {
    if (piece[0] !== DOT) return false;
    return this.#last === 'line-start' || (this.#last === 'lf' && this.#isAnyLf);
  }

  #stateAfter(piece: Buffer): 'line-start' | 'cr' | 'lf' | 'other' {
    const last = piece[piece.length - 1];
    if (last === CR) return 'cr';
    if (last !== LF) return 'other';
    const isAfterCr = piece.length > 1 ? piece[piece.length - 2] === CR : this.#last === 'cr';
    return isAfterCr ? 'line-start' : 'lf';
  }
}

function insertDots(piece: Buffer, dots: readonly number[]): Buffer {
  const stuffed = Buffer.allocUnsafe(piece.length + dots.length);
  let from = 0;
  let to = 0;
  for (const dot of dots) {
    to += piece.copy(stuffed, to, from, dot);
    stuffed[to] = DOT;
    to += 1;
    from = dot;
  }
  piece.copy(stuffed, to, from);
  return stuffed;
}
