/**
 * Writes replies: gathers short ones, so that the answers to pipelined commands leave together
 * (RFC 2449 §6.6), and passes messages through in pieces under the stream's back-pressure.
 */
import type { OctetStream } from '@homeward/wire';

/** Gathered replies are worth a write of their own from here on. */
const GATHER_BYTES = 16_384;

/** One stream's writing side. Whoever gets a promise must await it before writing on. */
export class ReplyWriter {
  readonly #stream: OctetStream;
  #gathered = '';

  constructor(stream: OctetStream) {
    this.#stream = stream;
  }

  /** Adds a reply, or a part of one; Latin-1. */
  say(octets: string): void {
    this.#gathered += octets;
  }

  /** Writes what was gathered if it is much. */
  flushIfFull(): Promise<void> | undefined {
    return this.#gathered.length < GATHER_BYTES ? undefined : this.flush();
  }

  /** Writes what was gathered. */
  flush(): Promise<void> | undefined {
    if (this.#gathered === '') return undefined;
    const gathered = this.#gathered;
    this.#gathered = '';
    return this.#stream.write(gathered);
  }

  /** Writes what was gathered, then a piece of a message, then the rest of a reply, as one. */
  send(piece: Uint8Array, rest: string): Promise<void> | undefined {
    this.#stream.cork();
    const before = this.flush();
    const written = this.#stream.write(piece);
    const after = rest === '' ? undefined : this.#stream.write(rest);
    this.#stream.uncork();
    // All of them settle when it is worth writing again; the last one asked knows best.
    return after ?? written ?? before;
  }
}
