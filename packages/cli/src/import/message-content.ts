/**
 * The octets of a message on their way: in memory where they are few, in a temporary file where
 * they are many.
 */
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdtemp, open, rm, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cannotWrite } from '../init/write-new-file.ts';

/** Enough for the fields of any header that people have. */
const HEAD_BYTES = 64 * 1024;

/** A whole message. Close it. */
export interface MessageContent {
  readonly sizeBytes: number;
  /** As the store makes it of the octets (RFC 8474 §5.1). */
  readonly emailId: string;
  /** The beginning, for header fields. */
  readonly head: Uint8Array;
  chunks(): AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  close(): Promise<void>;
}

/** As the store makes it: see `MessageFacts.emailId` of `@homeward/mailstore`. */
export function emailIdOf(octets: Uint8Array): string {
  return formatEmailId(createHash('sha256').update(octets));
}

function formatEmailId(hash: Hash): string {
  return `M${hash.digest().subarray(0, 20).toString('base64url')}`;
}

/** A message that is in memory already. */
export function contentOf(octets: Uint8Array): MessageContent {
  return {
    sizeBytes: octets.length,
    emailId: emailIdOf(octets),
    head: octets.subarray(0, HEAD_BYTES),
    chunks: () => [octets],
    close: async () => {},
  };
}

/** A folder for big messages; nothing is made before the first of them. Close it. */
export class SpoolFolder {
  #folder: Promise<string> | undefined;
  #count = 0;

  /** Writes octets to a file as they come. @throws OperatorError if it cannot be written. */
  async spool(chunks: AsyncIterable<Uint8Array>): Promise<MessageContent> {
    const file = await this.#nextFile();
    const handle = await open(file, 'w', 0o600).catch((error: unknown) => {
      throw cannotWrite(file, error);
    });
    try {
      const written = await writeAll(handle, file, chunks);
      return {
        ...written,
        chunks: () => createReadStream(file, { highWaterMark: 256 * 1024 }),
        close: () => unlink(file),
      };
    } catch (error) {
      await unlink(file);
      throw error;
    } finally {
      await handle.close();
    }
  }

  async close(): Promise<void> {
    if (this.#folder !== undefined) await rm(await this.#folder, { recursive: true, force: true });
  }

  async #nextFile(): Promise<string> {
    this.#folder ??= mkdtemp(join(tmpdir(), 'homeward-import-'));
    this.#count += 1;
    return join(await this.#folder, String(this.#count));
  }
}

async function writeAll(
  handle: FileHandle,
  file: string,
  chunks: AsyncIterable<Uint8Array>,
): Promise<Pick<MessageContent, 'sizeBytes' | 'emailId' | 'head'>> {
  const hash = createHash('sha256');
  let head = Buffer.alloc(0);
  let sizeBytes = 0;
  for await (const chunk of chunks) {
    hash.update(chunk);
    if (head.length < HEAD_BYTES) {
      head = Buffer.concat([head, chunk.subarray(0, HEAD_BYTES - head.length)]);
    }
    sizeBytes += chunk.length;
    await handle.writeFile(chunk).catch((error: unknown) => {
      throw cannotWrite(file, error);
    });
  }
  return { sizeBytes, emailId: formatEmailId(hash), head };
}
