/**
 * A connection that may begin to compress its octets both ways (RFC 4978), whoever reads and
 * writes it going on as before. Until then everything passes as it is.
 *
 * What is written in one turn is one batch, flushed to an octet boundary, so that no answer waits
 * for the next. Memory is bounded: a write waits for the compressor and for the peer; a read takes
 * what fits, however much the octets that came may blow up into, and asks for no more before.
 * The work is done off the event loop.
 */
import {
  type DeflateRaw,
  type InflateRaw,
  constants,
  createDeflateRaw,
  createInflateRaw,
} from 'node:zlib';
import type { OctetStream, StreamEnd } from '@homeward/wire';

/**
 * Fast, and small for connections that are idle for hours: 2^(13+2) + 2^(7+9) octets. Whoever
 * reads us needs a window of its own choice; we cannot choose for what is sent to us.
 */
const DEFLATE_OPTIONS = { level: constants.Z_BEST_SPEED, windowBits: 13, memLevel: 7 } as const;
/** What comes out at a time. */
const PIECE_BYTES = 16 * 1024;

/** Close it: compressors hold memory that nobody collects. */
export class CompressibleStream implements OctetStream {
  readonly #inner: OctetStream;
  #deflater: Deflater | undefined;
  #inflater: Inflater | undefined;

  constructor(inner: OctetStream) {
    this.#inner = inner;
  }

  /**
   * Compresses from now on. Not twice.
   * @param early What was read already, and is compressed.
   */
  startCompression(early: Uint8Array): void {
    if (this.#deflater !== undefined) throw new Error('compression is on already');
    this.#deflater = new Deflater(this.#inner);
    this.#inflater = new Inflater();
    if (early.length > 0) this.#inflater.take(early);
  }

  async read(): Promise<Uint8Array | StreamEnd> {
    for (;;) {
      const inflater = this.#inflater;
      if (inflater !== undefined) {
        const octets = await inflater.next();
        if (octets !== undefined) return octets;
      }
      const octets = await this.#inner.read();
      // Compression may have begun while this was waited for.
      if (typeof octets === 'string' || this.#inflater === undefined) return octets;
      this.#inflater.take(octets);
    }
  }

  write(octets: Uint8Array | string): Promise<void> | undefined {
    return this.#deflater === undefined ? this.#inner.write(octets) : this.#deflater.write(octets);
  }

  cork(): void {
    if (this.#deflater === undefined) this.#inner.cork();
  }

  uncork(): void {
    if (this.#deflater === undefined) this.#inner.uncork();
  }

  /** Gives the compressors back; what was written and awaited is on its way. */
  close(): void {
    this.#deflater?.close();
    this.#inflater?.close();
  }
}

class Deflater {
  readonly #stream: OctetStream;
  readonly #zlib: DeflateRaw;
  /** Writes since the last flush. */
  #batch: PromiseWithResolvers<void> | undefined;
  /** Batches that are not flushed yet. */
  readonly #open = new Set<PromiseWithResolvers<void>>();
  #drained: Promise<void> | undefined;

  constructor(stream: OctetStream) {
    this.#stream = stream;
    this.#zlib = createDeflateRaw({ ...DEFLATE_OPTIONS, chunkSize: PIECE_BYTES });
    this.#zlib.on('data', (octets: Uint8Array) => this.#send(octets));
    this.#zlib.on('error', () => this.close());
  }

  /** @returns what settles once it is flushed and the peer keeps up. */
  write(octets: Uint8Array | string): Promise<void> | undefined {
    if (this.#zlib.destroyed) return undefined;
    this.#zlib.write(typeof octets === 'string' ? Buffer.from(octets, 'latin1') : octets);
    if (this.#batch === undefined) {
      this.#batch = Promise.withResolvers();
      this.#open.add(this.#batch);
      queueMicrotask(() => this.#flush());
    }
    return this.#batch.promise;
  }

  close(): void {
    this.#zlib.destroy();
    for (const batch of this.#open) batch.resolve();
    this.#open.clear();
  }

  #flush(): void {
    const batch = this.#batch;
    this.#batch = undefined;
    if (batch === undefined) return;
    this.#zlib.flush(constants.Z_SYNC_FLUSH, () => void this.#settle(batch));
  }

  async #settle(batch: PromiseWithResolvers<void>): Promise<void> {
    for (;;) {
      await this.#drained;
      // What was made while the peer did not keep up waits there, and is nobody's once this closes.
      if (this.#zlib.destroyed || this.#zlib.readableLength === 0) break;
      this.#zlib.read();
    }
    this.#open.delete(batch);
    batch.resolve();
  }

  #send(octets: Uint8Array): void {
    const drained = this.#stream.write(octets);
    if (drained === undefined) return;
    this.#drained = drained;
    this.#zlib.pause();
    void drained.then(() => {
      if (this.#drained === drained) this.#drained = undefined;
      this.#zlib.resume();
    });
  }
}

class Inflater {
  readonly #zlib: InflateRaw;
  /** Writes that are not through yet. */
  #pendingCount = 0;
  #takenBytes = 0;
  #end: StreamEnd | undefined;
  #wake: (() => void) | undefined;

  constructor() {
    this.#zlib = createInflateRaw({ flush: constants.Z_SYNC_FLUSH, chunkSize: PIECE_BYTES });
    this.#zlib.on('readable', () => this.#stir());
    this.#zlib.on('error', () => this.#over('broken'));
  }

  /** Takes compressed octets; only when `next` has said that there is nothing more. */
  take(octets: Uint8Array): void {
    if (this.#end !== undefined) return;
    this.#pendingCount += 1;
    this.#takenBytes += octets.length;
    const takenBytes = this.#takenBytes;
    this.#zlib.write(octets, () => {
      this.#pendingCount -= 1;
      // Behind a block that says that it is the last, nothing is looked at any more.
      if (this.#zlib.bytesWritten < takenBytes) this.#over('ended');
      this.#stir();
    });
  }

  /** Octets that are there or come of what was taken; undefined: it needs more. */
  async next(): Promise<Uint8Array | StreamEnd | undefined> {
    for (;;) {
      const octets = this.#zlib.read() as Buffer | null;
      if (octets !== null) return octets;
      if (this.#end !== undefined) return this.#end;
      if (this.#pendingCount === 0) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  close(): void {
    this.#over('broken');
    this.#zlib.destroy();
  }

  #over(end: StreamEnd): void {
    this.#end ??= end;
    this.#pendingCount = 0;
    this.#stir();
  }

  #stir(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
