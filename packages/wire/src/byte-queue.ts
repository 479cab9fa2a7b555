/**
 * A bounded queue of octets as they come from a connection. Chunks are kept as views, not
 * copied; only runs of tiny chunks are gathered into one block, so that a peer who sends an
 * octet at a time cannot make each octet cost an object (or pin the buffer it came in).
 *
 * It finds line feeds natively and remembers how far it has looked, so feeding a long line in
 * small pieces stays linear. What a line is, and how long it may be, is `line.ts`.
 */
import { viewAsBuffer } from './buffer-view.ts';

const LF = 0x0a;
/** Chunks below this are gathered when something already waits in front of them. */
const SMALL_CHUNK_BYTES = 256;
const FIRST_BLOCK_BYTES = 512;
const LARGEST_BLOCK_BYTES = 16_384;
const EMPTY: Buffer = Buffer.alloc(0);

/**
 * First in, first out, octet by octet. Views that it hands out stay valid: their octets are
 * never written again. Not closed; dropping the reference is enough.
 */
export class ByteQueue {
  readonly #limitBytes: number;
  readonly #chunks: Buffer[] = [];
  /** Octets of the first chunk that were taken already. */
  #start = 0;
  #length = 0;
  /** So many octets from the front are known to hold no LF. */
  #scanned = 0;
  /** The block behind the last chunk, if that chunk was gathered here; room is left in it. */
  #block: Buffer | undefined;

  /** @param limitBytes How much may wait at once; `push` refuses what would go beyond. */
  constructor(limitBytes: number = Number.MAX_SAFE_INTEGER) {
    this.#limitBytes = limitBytes;
  }

  /** Octets that wait. */
  get length(): number {
    return this.#length;
  }

  /**
   * Appends octets; the queue may keep a view of them, so the caller must not write them again.
   *
   * @returns false, with nothing taken, if the queue would grow beyond its limit.
   */
  push(octets: Uint8Array): boolean {
    const added = octets.length;
    if (this.#length + added > this.#limitBytes) return false;
    if (added === 0) return true;
    if (added < SMALL_CHUNK_BYTES && this.#chunks.length > 0) {
      this.#gather(octets);
    } else {
      this.#chunks.push(viewAsBuffer(octets));
      this.#block = undefined;
    }
    this.#length += added;
    return true;
  }

  /** Puts octets back in front of all others. The limit does not apply: they were here before. */
  unshift(octets: Uint8Array): void {
    if (octets.length === 0) return;
    const first = this.#chunks[0];
    if (first !== undefined && this.#start > 0) {
      this.#chunks[0] = first.subarray(this.#start);
      this.#start = 0;
      // The cut chunk no longer begins where its block does.
      if (this.#chunks.length === 1) this.#block = undefined;
    }
    if (this.#chunks.length === 0) this.#block = undefined;
    this.#chunks.unshift(viewAsBuffer(octets));
    this.#length += octets.length;
    this.#scanned = 0;
  }

  /** @returns The octet at `offset` from the front, or undefined if there are not so many. */
  peek(offset: number): number | undefined {
    let position = this.#start + offset;
    for (const chunk of this.#chunks) {
      if (position < chunk.length) return chunk[position];
      position -= chunk.length;
    }
    return undefined;
  }

  /** @returns The offset of the first LF from the front, or -1. Never looks twice in vain. */
  indexOfLf(): number {
    let chunkStart = -this.#start;
    for (const chunk of this.#chunks) {
      const chunkEnd = chunkStart + chunk.length;
      if (chunkEnd > this.#scanned) {
        const found = chunk.indexOf(LF, Math.max(this.#scanned - chunkStart, 0));
        if (found >= 0) {
          this.#scanned = chunkStart + found;
          return this.#scanned;
        }
      }
      chunkStart = chunkEnd;
    }
    this.#scanned = this.#length;
    return -1;
  }

  /**
   * Takes exactly `count` octets: a view if they lie in one chunk, else a copy.
   * Asking for more than there are is a bug of the caller.
   */
  take(count: number): Buffer {
    if (count > this.#length) throw new RangeError(`take(${count}) of ${this.#length} octets`);
    const first = this.#chunks[0];
    if (count === 0 || first === undefined) return EMPTY;
    if (count <= first.length - this.#start) return this.takeSome(count);
    const taken = Buffer.allocUnsafe(count);
    let filled = 0;
    while (filled < count) {
      const piece = this.takeSome(count - filled);
      piece.copy(taken, filled);
      filled += piece.length;
    }
    return taken;
  }

  /** Takes a view of the first octets, at most `maxCount`, as many as lie in one chunk. */
  takeSome(maxCount: number): Buffer {
    const first = this.#chunks[0];
    if (first === undefined || maxCount <= 0) return EMPTY;
    const available = first.length - this.#start;
    const count = Math.min(maxCount, available);
    const view = first.subarray(this.#start, this.#start + count);
    if (count === available) {
      this.#chunks.shift();
      this.#start = 0;
      if (this.#chunks.length === 0) this.#block = undefined;
    } else {
      this.#start += count;
    }
    this.#length -= count;
    this.#scanned = Math.max(0, this.#scanned - count);
    return view;
  }

  /** Takes everything: for who serves the connection next. */
  takeAll(): Buffer {
    return this.take(this.#length);
  }

  /** Drops `count` octets, or all if there are fewer. */
  skip(count: number): void {
    let left = Math.min(count, this.#length);
    while (left > 0) left -= this.takeSome(left).length;
  }

  /** Drops everything. */
  clear(): void {
    this.#chunks.length = 0;
    this.#start = 0;
    this.#length = 0;
    this.#scanned = 0;
    this.#block = undefined;
  }

  /** Copies a small chunk behind the last one. */
  #gather(octets: Uint8Array): void {
    const last = this.#chunks.length - 1;
    const tail = this.#chunks[last];
    const block = this.#block;
    if (block !== undefined && tail !== undefined && tail.length + octets.length <= block.length) {
      block.set(octets, tail.length);
      this.#chunks[last] = block.subarray(0, tail.length + octets.length);
      return;
    }
    const blockBytes =
      block === undefined ? FIRST_BLOCK_BYTES : Math.min(block.length * 2, LARGEST_BLOCK_BYTES);
    // allocUnsafeSlow: a block must not share memory with Node's pool, which it would pin.
    const fresh = Buffer.allocUnsafeSlow(blockBytes);
    fresh.set(octets);
    this.#block = fresh;
    this.#chunks.push(fresh.subarray(0, octets.length));
  }
}
