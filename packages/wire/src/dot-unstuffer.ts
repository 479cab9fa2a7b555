/**
 * Dot-stuffing on the way in (RFC 1939 §3, RFC 5321 §4.5.2), strictly: only CRLF . CRLF ends a
 * message and only a dot behind CRLF is stripped. Everything else, bare CR and bare LF included,
 * is content, so that two servers in a row cannot disagree about where a message ends.
 */
import { viewAsBuffer } from './buffer-view.ts';

const CR = 0x0d;
const LF = 0x0a;
const DOT = 0x2e;
const CRLF_DOT: Buffer = Buffer.from('\r\n.');
const CR_OCTET: Buffer = Buffer.from('\r');
const EMPTY: Buffer = Buffer.alloc(0);

/** What a piece gave. */
export interface UnstuffedPiece {
  /** Content: a view if nothing had to be removed inside, else a copy. */
  readonly octets: Buffer;
  /** The lone dot was seen; the unstuffer is ready for the next message. */
  readonly isEnd: boolean;
  /** What follows the end; empty unless `isEnd`. */
  readonly rest: Buffer;
}

/** Where in the line the next octet stands; held back octets are named after the slash. */
type State = 'line-start' | 'line-start/dot' | 'line-start/dot-cr' | 'inside' | 'inside-cr';

/** Decodes messages, piece by piece. The CRLF before the lone dot belongs to the content. */
export class DotUnstuffer {
  #state: State = 'line-start';

  push(octets: Uint8Array): UnstuffedPiece {
    const piece = viewAsBuffer(octets);
    const kept: Buffer[] = [];
    let at = 0;
    while (at < piece.length) {
      const step = this.#step(piece, at, kept);
      if (step.isEnd) {
        this.#state = 'line-start';
        return { octets: join(kept), isEnd: true, rest: piece.subarray(step.next) };
      }
      at = step.next;
    }
    return { octets: join(kept), isEnd: false, rest: EMPTY };
  }

  /** Consumes at least one octet from `at`; content goes to `kept`. */
  #step(piece: Buffer, at: number, kept: Buffer[]): { next: number; isEnd: boolean } {
    const octet = piece[at];
    switch (this.#state) {
      case 'line-start':
        if (octet === DOT) {
          this.#state = 'line-start/dot';
          return { next: at + 1, isEnd: false };
        }
        return { next: this.#passLines(piece, at, kept), isEnd: false };
      case 'line-start/dot':
        if (octet === CR) {
          this.#state = 'line-start/dot-cr';
          return { next: at + 1, isEnd: false };
        }
        return { next: this.#passLines(piece, at, kept), isEnd: false };
      case 'line-start/dot-cr':
        if (octet === LF) return { next: at + 1, isEnd: true };
        // The dot was stuffed, the CR held back is content.
        kept.push(CR_OCTET);
        this.#state = 'inside';
        return { next: at, isEnd: false };
      case 'inside-cr':
        if (octet === LF) {
          kept.push(piece.subarray(at, at + 1));
          this.#state = 'line-start';
          return { next: at + 1, isEnd: false };
        }
        return { next: this.#passLines(piece, at, kept), isEnd: false };
      case 'inside':
        return { next: this.#passLines(piece, at, kept), isEnd: false };
    }
  }

  /** Passes everything up to the next line that begins with a dot, or to the piece's end. */
  #passLines(piece: Buffer, at: number, kept: Buffer[]): number {
    const found = piece.indexOf(CRLF_DOT, at);
    if (found >= 0) {
      kept.push(piece.subarray(at, found + 2));
      this.#state = 'line-start';
      return found + 2;
    }
    kept.push(piece.subarray(at));
    const last = piece[piece.length - 1];
    if (last === CR) this.#state = 'inside-cr';
    else if (last === LF && piece.length - at > 1 && piece[piece.length - 2] === CR)
      this.#state = 'line-start';
    else this.#state = 'inside';
    return piece.length;
  }
}

function join(kept: readonly Buffer[]): Buffer {
  if (kept.length === 0) return EMPTY;
  return kept.length === 1 && kept[0] !== undefined ? kept[0] : Buffer.concat(kept);
}
