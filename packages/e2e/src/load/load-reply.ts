/**
 * The client's half of IMAP as a load generator needs it: splits what a server sends into
 * responses, counts them and the octets of their literals, and keeps only what answers are
 * checked by. Octets in, replies out; it knows no socket.
 */

/** One command's answer. */
export interface Reply {
  readonly status: string;
  /** The tagged line behind the tag. */
  readonly text: string;
  /** Untagged FETCH responses. */
  readonly fetchCount: number;
  /** Octets of all literals together. */
  readonly literalBytes: number;
  /** All other untagged lines, without `* `. */
  readonly lines: readonly string[];
}

/** What hears of responses. */
export interface ReplyListener {
  onReply(tag: string, reply: Reply): void;
  /** `+ …` */
  onContinuation(): void;
  /** Each untagged line that is no FETCH, as it comes. */
  onLine(line: string): void;
}

const LF = 10;
const CR = 13;
const STAR = 42;
const PLUS = 43;
const CLOSING_BRACE = 125;
const CAPITAL_F = 70;
const SPACE = 32;

/** Fed with octets in any pieces. */
export class ReplyParser {
  readonly #listener: ReplyListener;
  #carried: Buffer = Buffer.alloc(0);
  #literalLeft = 0;
  /** Behind a literal the same response goes on. */
  #isInsideResponse = false;
  #fetchCount = 0;
  #literalBytes = 0;
  #lines: string[] = [];

  constructor(listener: ReplyListener) {
    this.#listener = listener;
  }

  push(octets: Buffer): void {
    let data = octets;
    if (this.#carried.length > 0) {
      data = Buffer.concat([this.#carried, octets]);
      this.#carried = Buffer.alloc(0);
    }
    let at = 0;
    while (at < data.length) {
      if (this.#literalLeft > 0) {
        const skipped = Math.min(this.#literalLeft, data.length - at);
        this.#literalLeft -= skipped;
        at += skipped;
        continue;
      }
      const end = data.indexOf(LF, at);
      if (end === -1) {
        // Copied: the socket's buffer is used again.
        this.#carried = Buffer.from(data.subarray(at));
        return;
      }
      this.#takeLine(data, at, end);
      at = end + 1;
    }
  }

  #takeLine(data: Buffer, start: number, lineFeedAt: number): void {
    const end = data[lineFeedAt - 1] === CR ? lineFeedAt - 1 : lineFeedAt;
    const literalBytes = readLiteralMarker(data, start, end);
    if (!this.#isInsideResponse) this.#beginResponse(data, start, end);
    this.#isInsideResponse = literalBytes !== undefined;
    this.#literalLeft = literalBytes ?? 0;
    this.#literalBytes += literalBytes ?? 0;
  }

  #beginResponse(data: Buffer, start: number, end: number): void {
    const first = data[start];
    if (first === PLUS) {
      this.#listener.onContinuation();
    } else if (first !== STAR) {
      this.#endReply(data.toString('latin1', start, end));
    } else if (isFetch(data, start + 2, end)) {
      this.#fetchCount += 1;
    } else {
      const line = data.toString('latin1', start + 2, end);
      this.#lines.push(line);
      this.#listener.onLine(line);
    }
  }

  #endReply(line: string): void {
    const [tag = '', status = ''] = line.split(' ', 2);
    const reply: Reply = {
      status: status.toUpperCase(),
      text: line.slice(tag.length + 1),
      fetchCount: this.#fetchCount,
      literalBytes: this.#literalBytes,
      lines: this.#lines,
    };
    this.#fetchCount = 0;
    this.#literalBytes = 0;
    this.#lines = [];
    this.#listener.onReply(tag, reply);
  }
}

/** The number in `{n}` at the end of a line (RFC 9051 §4.3). */
function readLiteralMarker(data: Buffer, start: number, end: number): number | undefined {
  if (data[end - 1] !== CLOSING_BRACE) return undefined;
  const opened = data.lastIndexOf('{', end - 1);
  if (opened < start) return undefined;
  const digits = data.toString('latin1', opened + 1, end - 1);
  return /^\d+$/.test(digits) ? Number(digits) : undefined;
}

/** Whether `12 FETCH` follows. */
function isFetch(data: Buffer, start: number, end: number): boolean {
  const space = data.indexOf(SPACE, start);
  if (space === -1 || space >= end) return false;
  const first = data[start] ?? 0;
  return first >= 48 && first <= 57 && data[space + 1] === CAPITAL_F;
}
