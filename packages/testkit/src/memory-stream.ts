/**
 * Two `OctetStream`s joined in memory: what one writes, the other reads. With back-pressure, with
 * the ends a connection can come to, and cut into pieces as the test wants them.
 */
import type { OctetStream, StreamEnd } from '@homeward/wire';
import { type Octets, toBuffer } from './chunking.ts';
import { createSeededRandom } from './seeded-random.ts';

/** How reads cut what was written. */
export type Chunking =
  /** A read gives what one write took. */
  | 'as-written'
  /** A read gives one octet. */
  | 'octets'
  /** A read gives 1 to 17 octets, across writes too. */
  | { readonly seed: number };

/** Settings of a pair. */
export interface MemoryStreamOptions {
  readonly chunking?: Chunking;
  /** Octets that may wait for the reader before `write` asks the writer to wait; 64 KB. */
  readonly highWaterBytes?: number;
}

/** A joined pair; `client` and `server` are the same but for the name. */
export interface MemoryStreamPair {
  readonly client: MemoryStream;
  readonly server: MemoryStream;
}

/** Joins two streams. */
export function createMemoryStreamPair(options: MemoryStreamOptions = {}): MemoryStreamPair {
  const toServer = new Pipe(options);
  const toClient = new Pipe(options);
  return {
    client: new MemoryStream(toClient, toServer),
    server: new MemoryStream(toServer, toClient),
  };
}

/** One end of a pair. */
export class MemoryStream implements OctetStream {
  readonly #incoming: Pipe;
  readonly #outgoing: Pipe;

  /** Use `createMemoryStreamPair`. */
  constructor(incoming: Pipe, outgoing: Pipe) {
    this.#incoming = incoming;
    this.#outgoing = outgoing;
  }

  read(): Promise<Uint8Array | StreamEnd> {
    return this.#incoming.read();
  }

  write(octets: Uint8Array | string): Promise<void> | undefined {
    return this.#outgoing.write(octets);
  }

  cork(): void {
    this.#outgoing.cork();
  }

  uncork(): void {
    this.#outgoing.uncork();
  }

  /** Closes this side in order: the peer reads what is left, then `ended`. */
  end(): void {
    this.#outgoing.end('ended');
  }

  /** Breaks the connection: both sides read `broken`, what was on its way is lost. */
  destroy(): void {
    this.#outgoing.break();
    this.#incoming.break();
  }

  /** Answers the read that this side waits in, or its next one, with `timed-out`. */
  timeOut(): void {
    this.#incoming.timeOut();
  }

  /** Octets that were written to this side and not read yet. */
  get unreadBytes(): number {
    return this.#incoming.waitingBytes;
  }

  /** Whether this side waits in a read. */
  get isReading(): boolean {
    return this.#incoming.isReading;
  }
}

/** One direction. */
class Pipe {
  readonly #chunking: Chunking;
  readonly #random: () => number;
  readonly #highWaterBytes: number;
  #chunks: Buffer[] = [];
  #corked: Buffer[] = [];
  #corkDepth = 0;
  #end: StreamEnd | undefined;
  #isTimeOutDue = false;
  #reader: ((result: Uint8Array | StreamEnd) => void) | undefined;
  #drain: PromiseWithResolvers<void> | undefined;

  constructor(options: MemoryStreamOptions) {
    this.#chunking = options.chunking ?? 'as-written';
    this.#random = createSeededRandom(typeof this.#chunking === 'object' ? this.#chunking.seed : 0);
    this.#highWaterBytes = options.highWaterBytes ?? 64 * 1024;
  }

  get isReading(): boolean {
    return this.#reader !== undefined;
  }

  get waitingBytes(): number {
    return [...this.#chunks, ...this.#corked].reduce((sum, chunk) => sum + chunk.length, 0);
  }

  read(): Promise<Uint8Array | StreamEnd> {
    if (this.#reader !== undefined) throw new Error('a read is outstanding on this stream');
    return new Promise((resolve) => {
      this.#reader = resolve;
      this.#answer();
    });
  }

  write(octets: Octets): Promise<void> | undefined {
    if (this.#end !== undefined || octets.length === 0) return undefined;
    // A copy: the writer may use its buffer again, as it may with a socket that took it.
    (this.#corkDepth > 0 ? this.#corked : this.#chunks).push(Buffer.from(toBuffer(octets)));
    this.#answer();
    if (this.waitingBytes < this.#highWaterBytes) return undefined;
    this.#flush();
    if (this.waitingBytes < this.#highWaterBytes) return undefined;
    this.#drain ??= Promise.withResolvers();
    return this.#drain.promise;
  }

  cork(): void {
    this.#corkDepth += 1;
  }

  uncork(): void {
    this.#corkDepth = Math.max(0, this.#corkDepth - 1);
    if (this.#corkDepth === 0) this.#flush();
  }

  end(how: StreamEnd): void {
    this.#flush();
    this.#end ??= how;
    this.#answer();
  }

  break(): void {
    this.#chunks = [];
    this.#corked = [];
    this.#end = 'broken';
    this.#settleDrain();
    this.#answer();
  }

  timeOut(): void {
    this.#isTimeOutDue = true;
    this.#answer();
  }

  /** Corked writes become one chunk, as they would become one packet. */
  #flush(): void {
    if (this.#corked.length === 0) return;
    this.#chunks.push(Buffer.concat(this.#corked));
    this.#corked = [];
    this.#answer();
  }

  #answer(): void {
    const reader = this.#reader;
    if (reader === undefined) return;
    const result = this.#take();
    if (result === undefined) return;
    this.#reader = undefined;
    reader(result);
    if (this.waitingBytes < this.#highWaterBytes) this.#settleDrain();
  }

  #take(): Uint8Array | StreamEnd | undefined {
    if (this.#chunks.length > 0) return this.#takeChunk();
    if (this.#end !== undefined) return this.#end;
    if (!this.#isTimeOutDue) return undefined;
    this.#isTimeOutDue = false;
    return 'timed-out';
  }

  #takeChunk(): Buffer | undefined {
    if (this.#chunking === 'as-written') return this.#chunks.shift();
    const all = Buffer.concat(this.#chunks);
    const count = this.#chunking === 'octets' ? 1 : 1 + Math.floor(this.#random() * 17);
    this.#chunks = count < all.length ? [all.subarray(count)] : [];
    return all.subarray(0, count);
  }

  #settleDrain(): void {
    this.#drain?.resolve();
    this.#drain = undefined;
  }
}
