/**
 * Gathers the octets of the header at hand while chunks go by: a view where it lies in one
 * chunk, a copy where it does not, never more than a limit.
 */

/** One at a time: `start`, any number of `keep`, `take`; then the next header. */
export class HeaderCollector {
  readonly #maxBytes: number;
  #start = 0;
  #pieces: Buffer[] = [];
  #keptBytes = 0;
  #chunk: Buffer = Buffer.alloc(0);
  #chunkStart = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Names the octets that `take` and `keep` refer to. */
  setChunk(chunk: Buffer, chunkStart: number): void {
    this.#chunk = chunk;
    this.#chunkStart = chunkStart;
  }

  /** Begins with the header that starts at this offset of the stream. */
  start(offset: number): void {
    this.#start = offset;
    this.#pieces = [];
    this.#keptBytes = 0;
  }

  /** Copies what the current chunk has of the header, before the chunk goes away. */
  keep(): void {
    const from = Math.max(this.#start - this.#chunkStart, 0);
    const to = Math.min(this.#chunk.length, from + this.#maxBytes - this.#keptBytes);
    if (to <= from) return;
    this.#pieces.push(Buffer.from(this.#chunk.subarray(from, to)));
    this.#keptBytes += to - from;
  }

  /** @returns The header up to this offset; its first `maxBytes` octets if it is longer. */
  take(end: number): Buffer {
    const from = Math.max(this.#start - this.#chunkStart, 0);
    const to = Math.min(end - this.#chunkStart, from + this.#maxBytes - this.#keptBytes);
    const last = this.#chunk.subarray(from, Math.max(to, from));
    if (this.#pieces.length === 0) return last;
    // A line that turned out to be no header line was kept too.
    return Buffer.concat([...this.#pieces, last]).subarray(0, end - this.#start);
  }

  /** True if `take(end)` gives all of the header. */
  isComplete(end: number): boolean {
    return end - this.#start <= this.#maxBytes;
  }
}
