/**
 * Writes replies: gathers short ones, so that the answers to pipelined commands leave together
 * (RFC 2449 §6.6), and passes messages through in pieces under the stream's back-pressure.
 */
import type { OctetStream } from '@homeward/wire';

/** Gathered replies are worth a write of their own from here on. */
const GATHER_BYTES = 65_536;
/** A smaller piece is copied rather than written by itself. */
const COPY_BYTES = 2_048;

/** One stream's writing side. Whoever gets a promise must await it before writing on. */
export class ReplyWriter {
  readonly #stream: OctetStream;
  /** Gathered behind `#pieces`. */
  #text = '';
  #pieces: (Buffer | string)[] = [];
  #pieceBytes = 0;
  #flushedBytes = 0;

  constructor(stream: OctetStream) {
    this.#stream = stream;
  }

  /** Octets said since the beginning, on their way or not. */
  get saidBytes(): number {
    return this.#flushedBytes + this.#pieceBytes + this.#text.length;
  }

  /** Adds a reply, or a part of one; Latin-1. */
  say(octets: string): void {
    this.#text += octets;
  }

  /** Adds a piece of a message, which must not be written again. */
  add(piece: Buffer): void {
    if (piece.length < COPY_BYTES) {
      this.#text += piece.toString('latin1');
      return;
    }
    this.#takeText();
    this.#pieces.push(piece);
    this.#pieceBytes += piece.length;
  }

  /** Writes what was gathered if it is much. */
  flushIfFull(): Promise<void> | undefined {
    return this.#pieceBytes + this.#text.length < GATHER_BYTES ? undefined : this.flush();
  }

  /** Writes what was gathered, as one. */
  flush(): Promise<void> | undefined {
    this.#takeText();
    const pieces = this.#pieces;
    if (pieces.length === 0) return undefined;
    this.#pieces = [];
    this.#flushedBytes += this.#pieceBytes;
    this.#pieceBytes = 0;
    // Each of the promises settles when it is worth writing again; the last one knows best.
    let written: Promise<void> | undefined;
    this.#stream.cork();
    for (const piece of pieces) written = this.#stream.write(piece) ?? written;
    this.#stream.uncork();
    return written;
  }

  #takeText(): void {
    if (this.#text === '') return;
    this.#pieces.push(this.#text);
    this.#pieceBytes += this.#text.length;
    this.#text = '';
  }
}
