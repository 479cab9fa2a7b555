/**
 * Cuts octets that arrive in pieces into lines, keeping no more than the start of an
 * unfinished one. A line ends with LF; a CR before it belongs to the line end.
 */

const LF = 0x0a;
const CR = 0x0d;

/** Octets of a line that are shown: enough for any delimiter and for a header's name. */
export const lineHeadBytes = 1024;

/** A line. One object serves all lines: it is valid only during the call that shows it. */
export interface Line {
  /** Offsets from the start of the stream: first octet, line end, next line. */
  start: number;
  contentEnd: number;
  /** Equals `contentEnd` if the stream ended without a line end. */
  end: number;
  /** Its first octets are `octets` [headFrom, headTo), line end left out. */
  octets: Buffer;
  headFrom: number;
  headTo: number;
}

/** Receives lines in order. */
export interface LineSink {
  onLine(line: Line): void;
}

/** For one stream. Call `push` for each piece, then `finish` once. */
export class LineCutter {
  readonly #sink: LineSink;
  readonly #line: Line;
  readonly #head: Buffer = Buffer.allocUnsafe(lineHeadBytes);
  #offset = 0;
  /** Octets of the unfinished line so far, and the last of them. */
  #openBytes = 0;
  #lastOctet = 0;

  constructor(sink: LineSink) {
    this.#sink = sink;
    this.#line = { start: 0, contentEnd: 0, end: 0, octets: this.#head, headFrom: 0, headTo: 0 };
  }

  /** Octets taken so far. */
  get offset(): number {
    return this.#offset;
  }

  push(octets: Buffer): void {
    let position = this.#openBytes === 0 ? 0 : this.#continueLine(octets);
    const line = this.#line;
    line.octets = octets;
    for (;;) {
      const lineFeed = octets.indexOf(LF, position);
      if (lineFeed === -1) break;
      const to = lineFeed > position && octets[lineFeed - 1] === CR ? lineFeed - 1 : lineFeed;
      line.start = this.#offset + position;
      line.contentEnd = this.#offset + to;
      line.end = this.#offset + lineFeed + 1;
      line.headFrom = position;
      line.headTo = to;
      position = lineFeed + 1;
      this.#sink.onLine(line);
    }
    if (position < octets.length) this.#keep(octets, position, octets.length);
    this.#offset += octets.length;
  }

  /** Shows a last line that has no line end. */
  finish(): void {
    if (this.#openBytes === 0) return;
    this.#showKept(this.#offset, this.#offset);
    this.#openBytes = 0;
  }

  /** @returns Where the next line starts in `octets`; their end if this one goes on. */
  #continueLine(octets: Buffer): number {
    const lineFeed = octets.indexOf(LF);
    if (lineFeed === -1) {
      this.#keep(octets, 0, octets.length);
      return octets.length;
    }
    this.#keep(octets, 0, lineFeed);
    const lineEnd = this.#offset + lineFeed;
    this.#showKept(this.#lastOctet === CR ? lineEnd - 1 : lineEnd, lineEnd + 1, lineFeed);
    this.#openBytes = 0;
    return lineFeed + 1;
  }

  #keep(octets: Buffer, from: number, to: number): void {
    if (to === from) return;
    if (this.#openBytes < lineHeadBytes) octets.copy(this.#head, this.#openBytes, from, to);
    this.#openBytes += to - from;
    this.#lastOctet = octets[to - 1] as number;
  }

  /** @param taken Octets of the current chunk that belong to the line's content. */
  #showKept(contentEnd: number, end: number, taken: number = 0): void {
    const line = this.#line;
    line.start = this.#offset + taken - this.#openBytes;
    line.contentEnd = contentEnd;
    line.end = end;
    line.octets = this.#head;
    line.headFrom = 0;
    line.headTo = Math.min(contentEnd - line.start, lineHeadBytes);
    this.#sink.onLine(line);
  }
}
