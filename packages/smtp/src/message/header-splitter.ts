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

export type SplitPiece =
  | { readonly kind: 'need-more' }
  | { readonly kind: 'too-long' }
  /** Once; what belongs to the body follows as `body`. */
  | { readonly kind: 'header'; readonly header: Buffer; readonly body: Buffer };

/** Gathers one message's header. Lines end with CRLF, which the session has seen to. */
export class HeaderSplitter {
  readonly #limitBytes: number;
  readonly #queue = new ByteQueue();
  readonly #lines: Buffer[] = [];
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
      const isContinued = this.#lines.length > 0 && CONTINUED.test(text);
      if (!isContinued && !FIELD_NAME.test(text)) {
        this.#queue.unshift(Buffer.concat([line.octets, CRLF]));
        return this.#conclude();
      }
      this.#lines.push(line.octets, CRLF);
      this.#headerBytes += line.octets.length + CRLF.length;
    }
  }

  /** The message is over and was all header, but for a line that has no end. */
  finish(): { readonly header: Buffer; readonly body: Buffer } {
    return { header: Buffer.concat(this.#lines), body: this.#queue.takeAll() };
  }

  #conclude(): SplitPiece {
    return { kind: 'header', ...this.finish() };
  }
}
