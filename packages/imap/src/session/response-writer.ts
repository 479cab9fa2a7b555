/**
 * A session's way out: gathers responses and gives them to the stream in large pieces, with
 * the stream's back-pressure. Everything a session says passes here.
 */
import type { OctetStream } from '@homeward/wire';

/** Tagged outcomes (RFC 3501 §7.1). */
export type TaggedStatus = 'OK' | 'NO' | 'BAD';

const FLUSH_BYTES = 64 * 1024;
/**
 * Octets of this size go out as they are. Smaller ones are cheaper as text among text: measured,
 * also over TLS, a write costs as much as a thousand octets, and gathering them in a buffer of
 * our own costs twice that.
 */
const UNCOPIED_BYTES = 1024;

/** Where an unfinished response began. */
interface Mark {
  readonly pieceCount: number;
  readonly text: string;
  readonly pendingBytes: number;
}

/** Gathers until `flush`, or until a flush is worth while at `relieve`. */
export class ResponseWriter {
  readonly #stream: OctetStream;
  #pieces: (string | Uint8Array)[] = [];
  /** What follows the pieces. */
  #text = '';
  #pendingBytes = 0;
  #flushedBytes = 0;
  #mark: Mark | undefined;
  #isResponseOpen = false;

  constructor(stream: OctetStream) {
    this.#stream = stream;
  }

  /** Octets said since the beginning, on their way or not. */
  get saidBytes(): number {
    return this.#flushedBytes + this.#pendingBytes;
  }

  /** Adds text as Latin-1, without a line end. */
  text(text: string): void {
    this.#text += text;
    this.#pendingBytes += text.length;
  }

  /** Adds octets, which must not change afterwards. */
  octets(octets: Uint8Array): void {
    if (octets.length < UNCOPIED_BYTES) {
      this.text(latin1(octets));
      return;
    }
    if (this.#text !== '') this.#pieces.push(this.#text);
    this.#text = '';
    this.#pieces.push(octets);
    this.#pendingBytes += octets.length;
  }

  /** Announces a literal; exactly so many octets must follow. */
  startLiteral(byteCount: number): void {
    this.text(`{${byteCount}}\r\n`);
  }

  /** Begins a response in whose middle something may fail; it can be given up until it ends. */
  beginResponse(): void {
    this.#isResponseOpen = true;
    this.#mark = {
      pieceCount: this.#pieces.length,
      text: this.#text,
      pendingBytes: this.#pendingBytes,
    };
  }

  /** Nothing else may be said now. */
  get isResponseOpen(): boolean {
    return this.#isResponseOpen;
  }

  endResponse(): void {
    this.#isResponseOpen = false;
    this.#mark = undefined;
  }

  /**
   * Takes back an open response, if there is one.
   *
   * @returns false if part of it is on its way already: nothing that is said now would be
   *   understood.
   */
  abandonResponse(): boolean {
    const mark = this.#mark;
    if (!this.#isResponseOpen) return true;
    if (mark === undefined) return false;
    this.#pieces.length = mark.pieceCount;
    this.#text = mark.text;
    this.#pendingBytes = mark.pendingBytes;
    this.endResponse();
    return true;
  }

  /** `* <text>` (RFC 3501 §2.2.2). */
  untagged(text: string): void {
    this.text(`* ${text}\r\n`);
  }

  /** `+ <text>`: go on (RFC 3501 §7.5). */
  continuation(text: string): void {
    this.text(`+ ${text}\r\n`);
  }

  tagged(tag: string, status: TaggedStatus, text: string): void {
    this.text(`${tag} ${status} ${text}\r\n`);
  }

  /** Flushes if much has gathered; await what it returns inside long responses. */
  relieve(): Promise<void> | undefined {
    return this.#pendingBytes >= FLUSH_BYTES ? this.flush() : undefined;
  }

  /** Hands everything to the stream. */
  flush(): Promise<void> | undefined {
    if (this.#pendingBytes === 0) return undefined;
    this.#mark = undefined;
    this.#flushedBytes += this.#pendingBytes;
    const text = this.#text;
    const pieces = this.#pieces;
    this.#text = '';
    this.#pendingBytes = 0;
    if (pieces.length === 0) return this.#stream.write(text);
    if (text !== '') pieces.push(text);
    this.#pieces = [];
    return this.#write(pieces);
  }

  #write(pieces: readonly (string | Uint8Array)[]): Promise<void> | undefined {
    const stream = this.#stream;
    let drained: Promise<void> | undefined;
    stream.cork();
    for (const piece of pieces) drained = stream.write(piece) ?? drained;
    stream.uncork();
    return drained;
  }
}

/** Octets as text, one character each. */
export function latin1(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString('latin1');
}
