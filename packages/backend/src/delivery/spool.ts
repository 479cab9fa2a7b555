/**
 * A message between its arrival and its delivery: in memory while it is small, then in a file that
 * has no name any more, so that a process that dies leaves nothing behind. It is read as often as
 * it has recipients, several at once.
 */
import { randomUUID } from 'node:crypto';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Spool, SpooledMessage } from '@homeward/mail-queue';

/** More goes to a file: as much as the store keeps in a row. */
const HELD_BYTES = 128 * 1_024;
const PIECE_BYTES = 64 * 1_024;

/**
 * @param folder Is there.
 * @param onFault Told why the disk took no more.
 */
export function openSpool(folder: string, onFault: (error: unknown) => void): Spool {
  return new FileSpool(folder, onFault);
}

class FileSpool implements Spool {
  readonly #folder: string;
  readonly #onFault: (error: unknown) => void;
  #held: Uint8Array[] = [];
  #sizeBytes = 0;
  #file: FileHandle | undefined;
  #isBroken = false;

  constructor(folder: string, onFault: (error: unknown) => void) {
    this.#folder = folder;
    this.#onFault = onFault;
  }

  write(octets: Uint8Array): Promise<void> | undefined {
    if (this.#isBroken) return undefined;
    this.#sizeBytes += octets.length;
    if (this.#file !== undefined) return this.#watched(writeAll(this.#file, octets));
    // A copy: what came may be a piece of something much larger.
    this.#held.push(Buffer.from(octets));
    return this.#sizeBytes > HELD_BYTES ? this.#watched(this.#spill()) : undefined;
  }

  async finish(): Promise<SpooledMessage | 'full'> {
    if (this.#isBroken) {
      await this.abort();
      return 'full';
    }
    const file = this.#file;
    const sizeBytes = this.#sizeBytes;
    const held = this.#held;
    return {
      sizeBytes,
      readMessage: () => (file === undefined ? readHeld(held) : readFile(file, sizeBytes)),
      discard: () => this.abort(),
    };
  }

  async abort(): Promise<void> {
    this.#held = [];
    const file = this.#file;
    this.#file = undefined;
    await file?.close().catch(this.#onFault);
  }

  async #spill(): Promise<void> {
    const path = join(this.#folder, randomUUID());
    this.#file = await open(path, 'wx+', 0o600);
    await unlink(path);
    const held = Buffer.concat(this.#held);
    this.#held = [];
    await writeAll(this.#file, held);
  }

  #watched(writing: Promise<void>): Promise<void> {
    return writing.catch((error: unknown) => {
      this.#isBroken = true;
      this.#onFault(error);
    });
  }
}

async function* readHeld(held: readonly Uint8Array[]): AsyncIterable<Uint8Array> {
  yield* held;
}

async function* readFile(file: FileHandle, sizeBytes: number): AsyncIterable<Uint8Array> {
  for (let at = 0; at < sizeBytes;) {
    const piece = Buffer.allocUnsafe(Math.min(PIECE_BYTES, sizeBytes - at));
    const { bytesRead } = await file.read(piece, 0, piece.length, at);
    if (bytesRead === 0) throw new Error('a spooled message ended too early');
    at += bytesRead;
    yield piece.subarray(0, bytesRead);
  }
}

async function writeAll(file: FileHandle, octets: Uint8Array): Promise<void> {
  for (let at = 0; at < octets.length;) {
    const { bytesWritten } = await file.write(octets, at);
    at += bytesWritten;
  }
}
