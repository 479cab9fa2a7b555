/**
 * Buffers for octets that a socket takes its time to send, used again and again: one allocated
 * for each chunk of a download would keep the garbage collector busy.
 */

/** As much as one reading gives at most. */
const CHUNK_BYTES = 65_536;
/** What fits into the slabs from which Node.js makes small buffers is copied more cheaply there. */
const SMALL_BYTES = 4_096;

export class ChunkPool {
  readonly #free: Buffer[] = [];
  readonly #mostFree: number;

  /** @param mostFree Buffers of 64 KB that are kept while nobody needs them. */
  constructor(mostFree: number) {
    this.#mostFree = mostFree;
  }

  /**
   * Writes a copy of `octets`.
   *
   * @param target Anything with the `write` of a stream.
   * @returns What `write` returned.
   */
  writeCopy(target: Pick<NodeJS.WritableStream, 'write'>, octets: Uint8Array): boolean {
    if (octets.length < SMALL_BYTES || octets.length > CHUNK_BYTES) {
      return target.write(Buffer.from(octets));
    }
    const chunk = this.#free.pop() ?? Buffer.allocUnsafeSlow(CHUNK_BYTES);
    chunk.set(octets);
    return target.write(chunk.subarray(0, octets.length), () => this.#giveBack(chunk));
  }

  #giveBack(chunk: Buffer): void {
    if (this.#free.length < this.#mostFree) this.#free.push(chunk);
  }
}
