/**
 * Cuts a message that comes in pieces into its header, which is gathered, and its body, which is
 * passed through. A line that is no header line begins the body (a message may have no header at
 * all), so that nothing of a body is ever taken for a header, or the other way round.
 */

const LF = 0x0a;
const EMPTY: Buffer = Buffer.alloc(0);
/** RFC 5322 §2.2: printable ASCII but the colon; RFC 6532 leaves names as they are. */
const FIELD_NAME = /^[!-9;-~]+[ \t]*:/u;

export type SplitPiece =
  | { readonly kind: 'need-more' }
  | { readonly kind: 'too-long' }
  /** Once; what belongs to the body follows as `body`. */
  | { readonly kind: 'header'; readonly header: Buffer; readonly body: Buffer };

/** Gathers one message's header. Lines end with CRLF, which the session has seen to. */
export class HeaderSplitter {
  readonly #limitBytes: number;
  #gathered: Buffer[] = [];
  #gatheredBytes = 0;

  /** @param limitBytes The longest header. */
  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** To be called until the header is there. */
  push(octets: Buffer): SplitPiece {
    this.#gathered.push(octets);
    this.#gatheredBytes += octets.length;
    // A header is small: it is joined anew only as long as its end is not there.
    const all = Buffer.concat(this.#gathered, this.#gatheredBytes);
    this.#gathered = [all];
    const end = findHeaderEnd(all);
    if (end !== undefined) {
      return { kind: 'header', header: all.subarray(0, end.header), body: all.subarray(end.body) };
    }
    return { kind: this.#gatheredBytes > this.#limitBytes ? 'too-long' : 'need-more' };
  }

  /** The message is over and was all header. */
  finish(): { readonly header: Buffer; readonly body: Buffer } {
    return { header: this.#gathered[0] ?? EMPTY, body: EMPTY };
  }
}

/** @returns Where the header ends and where the body begins, or undefined. */
function findHeaderEnd(octets: Buffer): { header: number; body: number } | undefined {
  for (let at = 0; ;) {
    const lf = octets.indexOf(LF, at);
    if (lf < 0) return undefined;
    const line = octets.toString('latin1', at, lf - 1);
    if (line === '') return { header: at, body: lf + 1 };
    const isContinued = at > 0 && /^[ \t]/u.test(line);
    if (!isContinued && !FIELD_NAME.test(line)) return { header: at, body: at };
    at = lf + 1;
  }
}
