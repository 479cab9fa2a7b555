/**
 * Reads lines and pieces from an `OctetStream`. It takes octets from the stream only when what
 * is asked for is not there yet, so what it holds is bounded by the caller's limit plus one
 * chunk, and back-pressure reaches the peer.
 */
import { ByteQueue } from './byte-queue.ts';
import { takeLine } from './line.ts';
import type { Line } from './line.ts';
import type { OctetStream, StreamEnd } from './octet-stream.ts';

/**
 * One stream's reading side. One call may wait at a time. A wait that the caller gave up stays
 * pending inside and serves the next call, so no octet is ever lost.
 */
export class OctetStreamReader {
  readonly #stream: OctetStream;
  readonly #queue = new ByteQueue();
  #pending: Promise<StreamEnd | undefined> | undefined;

  /** @param early Octets that came before the reader existed; they are read first. */
  constructor(stream: OctetStream, early?: Uint8Array) {
    this.#stream = stream;
    if (early !== undefined) this.#queue.push(early);
  }

  /** Octets that came and were not read yet. */
  get bufferedBytes(): number {
    return this.#queue.length;
  }

  /** Waits for more octets. @returns undefined when some came, else why there are none. */
  fill(): Promise<StreamEnd | undefined> {
    this.#pending ??= this.#pull();
    return this.#pending;
  }

  /** Takes a line if it is there already; see `takeLine`. */
  takeLine(limitBytes: number): Line | 'need-more' | 'too-long' {
    return takeLine(this.#queue, limitBytes);
  }

  /** Waits for a whole line; see `takeLine` for the limit. */
  async readLine(limitBytes: number): Promise<Line | 'too-long' | StreamEnd> {
    for (;;) {
      const line = takeLine(this.#queue, limitBytes);
      if (line !== 'need-more') return line;
      const end = await this.fill();
      if (end !== undefined) return end;
    }
  }

  /** Waits for at least one octet. @returns A view of at most `maxCount` octets. */
  async readSome(maxCount: number): Promise<Buffer | StreamEnd> {
    if (this.#queue.length === 0) {
      const end = await this.fill();
      if (end !== undefined) return end;
    }
    return this.#queue.takeSome(maxCount);
  }

  /** Puts octets back; the next read gives them again. */
  pushBack(octets: Uint8Array): void {
    this.#queue.unshift(octets);
  }

  /** Takes what came and was not read, for who serves the stream next. Nothing may be waiting. */
  takeRest(): Buffer {
    return this.#queue.takeAll();
  }
  /** One read; its octets are queued once, however many calls wait for it. */
  async #pull(): Promise<StreamEnd | undefined> {
    try {
      const got = await this.#stream.read();
      if (typeof got === 'string') return got;
      this.#queue.push(got);
      return undefined;
    } finally {
      this.#pending = undefined;
    }
  }
}
