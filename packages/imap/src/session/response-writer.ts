/**
 * A session's way out: gathers responses and gives them to the stream in large pieces, with
 * the stream's back-pressure. Everything a session says passes here.
 */
import type { OctetStream } from '@homeward/wire';

/** Tagged outcomes (RFC 3501 §7.1). */
export type TaggedStatus = 'OK' | 'NO' | 'BAD';

const FLUSH_BYTES = 64 * 1024;

/** Gathers until `flush`, or until a flush is worth while at `relieve`. */
export class ResponseWriter {
  readonly #stream: OctetStream;
  #pieces: (string | Uint8Array)[] = [];
  #pendingBytes = 0;
  #literalBytesDue = 0;

  constructor(stream: OctetStream) {
    this.#stream = stream;
  }

  /** True between a literal's announcement and its last octet: nothing else may be said. */
  get isInsideLiteral(): boolean {
    return this.#literalBytesDue > 0;
  }

  /** Adds text as Latin-1, without a line end. */
  text(text: string): void {
    this.#pieces.push(text);
    this.#pendingBytes += text.length;
  }

  /** Adds octets, which must not change afterwards. */
  octets(octets: Uint8Array): void {
    this.#pieces.push(octets);
    this.#pendingBytes += octets.length;
  }

  /** Announces a literal of `byteCount` octets, to be given by `literalOctets`. */
  startLiteral(byteCount: number): void {
    this.text(`{${byteCount}}\r\n`);
    this.#literalBytesDue = byteCount;
  }

  literalOctets(octets: Uint8Array): void {
    this.octets(octets);
    this.#literalBytesDue -= octets.length;
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
    if (this.#pieces.length === 0) return undefined;
    const out = this.#join();
    this.#pieces = [];
    this.#pendingBytes = 0;
    return this.#stream.write(out);
  }

  #join(): string | Uint8Array {
    const [first] = this.#pieces;
    if (this.#pieces.length === 1 && first !== undefined) return first;
    if (this.#pieces.every((piece) => typeof piece === 'string')) return this.#pieces.join('');
    const joined = Buffer.allocUnsafe(this.#pendingBytes);
    let offset = 0;
    for (const piece of this.#pieces) {
      if (typeof piece === 'string') {
        offset += joined.write(piece, offset, 'latin1');
      } else {
        joined.set(piece, offset);
        offset += piece.length;
      }
    }
    return joined;
  }
}
