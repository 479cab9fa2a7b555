/**
 * Cuts a message that comes in pieces into its header, which is gathered, and its body, which is
 * passed through. A line that is no header line begins the body (a message may have no header at
 * all), so that nothing of a body is ever taken for a header, or the other way round.
 *
 * Each octet is looked at once, however small the pieces are.
 */
import { ByteQueue, takeLine } from '@homeward/wire';

/** RFC 5322 §2.2: printable ASCII but the colon; RFC 6532 leaves names as they are. */
const FIELD_NAME = /^[!-9;-~]+[ \t]*:/u;
const CONTINUED = /^[ \t]/u;
const CRLF: Buffer = Buffer.from('\r\n');
/** Most headers have less. */
const FIRST_BYTES = 4_096;

export type SplitPiece =
  | { readonly kind: 'need-more' }
  | { readonly kind: 'too-long' }
  /** Once; what belongs to the body follows as `body`. */
  | { readonly kind: 'header'; readonly header: Buffer; readonly body: Buffer };

/** Gathers one message's header. Lines end with CRLF, which the session has seen to. */
export class HeaderSplitter {
  readonly #limitBytes: number;
  readonly #queue = new ByteQueue();
  /** Copies, one behind the other: a header may be of very many lines that are very short. */
  #header = Buffer.alloc(0);
  #headerBytes = 0;

  /** @param limitBytes The longest header. */
  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** To be called until the header is there. */
  push(octets: Buffer): SplitPiece {
    this.#queue.push(octets);
    for (;;) {
      const line = takeLine(this.#queue, this.#limitBytes - this.#headerBytes);
      if (typeof line === 'string') return { kind: line };
      if (line.octets.length === 0) return this.#conclude();
      const text = line.octets.toString('latin1');
      const isContinued = this.#headerBytes > 0 && CONTINUED.test(text);
      if (!isContinued && !FIELD_NAME.test(text)) {
        this.#queue.unshift(Buffer.concat([line.octets, CRLF]));
        return this.#conclude();
      }
      this.#keep(line.octets);
      this.#keep(CRLF);
    }
  }

  /** The message is over and was all header, but for a line that has no end. */
  finish(): { readonly header: Buffer; readonly body: Buffer } {
    const header = this.#header.subarray(0, this.#headerBytes);
    return { header, body: this.#queue.takeAll() };
  }

  #keep(octets: Buffer): void {
    const neededBytes = this.#headerBytes + octets.length;
    if (neededBytes > this.#header.length) {
      const grown = Buffer.alloc(Math.max(neededBytes, this.#header.length * 2, FIRST_BYTES));
      this.#header.copy(grown, 0, 0, this.#headerBytes);
      this.#header = grown;
    }
    octets.copy(this.#header, this.#headerBytes);
    this.#headerBytes = neededBytes;
  }

  #conclude(): SplitPiece {
    return { kind: 'header', ...this.finish() };
  }
}
