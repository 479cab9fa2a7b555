/**
 * Values over a connection between two workers of one site: length, then the value as V8 writes
 * it (typed arrays, maps and undefined included). Both ends are of the same release and the same
 * user; a length or a value that cannot be ends the connection all the same.
 */
import { deserialize, serialize } from 'node:v8';
import { type OctetStream, viewAsBuffer } from '@homeward/wire';

const HEADER_BYTES = 4;
/** The index of some millions of messages. */
const FRAME_LIMIT_BYTES = 256 * 1024 * 1024;

/** One frame as it was read. */
export type FrameRead = { readonly value: unknown } | 'ended';

export class FrameStream {
  readonly #stream: OctetStream;
  /** What was read and is no whole frame yet. */
  #pieces: Uint8Array[] = [];
  #pieceBytes = 0;

  constructor(stream: OctetStream) {
    this.#stream = stream;
  }

  /** @returns What `OctetStream.write` returns. */
  send(value: unknown): Promise<void> | undefined {
    const octets = serialize(value);
    const header = Buffer.alloc(HEADER_BYTES);
    header.writeUInt32LE(octets.length);
    this.#stream.cork();
    void this.#stream.write(header);
    const written = this.#stream.write(octets);
    this.#stream.uncork();
    return written;
  }

  /** One at a time. Never rejects. */
  async read(): Promise<FrameRead> {
    const header = await this.#take(HEADER_BYTES);
    const byteCount = header?.readUInt32LE() ?? Infinity;
    if (byteCount > FRAME_LIMIT_BYTES) return 'ended';
    const octets = await this.#take(byteCount);
    if (octets === undefined) return 'ended';
    try {
      return { value: deserialize(octets) as unknown };
    } catch {
      // V8 has no other way to say that it did not write this.
      return 'ended';
    }
  }

  async #take(byteCount: number): Promise<Buffer | undefined> {
    while (this.#pieceBytes < byteCount) {
      const octets = await this.#stream.read();
      if (typeof octets === 'string') return undefined;
      this.#pieces.push(octets);
      this.#pieceBytes += octets.length;
    }
    const [first, ...others] = this.#pieces;
    const isOne = first !== undefined && others.length === 0;
    const all = isOne ? viewAsBuffer(first) : Buffer.concat(this.#pieces);
    this.#pieces = [all.subarray(byteCount)];
    this.#pieceBytes = all.length - byteCount;
    return all.subarray(0, byteCount);
  }
}
