/**
 * Where the octets of an arriving message go. Small ones gather in memory and become a row;
 * large ones stream to a file that is synced and given its name before any row points to it.
 * A message whose size nobody knows begins in memory and moves to a file when it grows.
 */
import { join } from 'node:path';
import { errorCode, type StoreFiles, type WritableFile } from './store-files.ts';

/** The octets, or the name of the file that has them. */
export type StoredContent = { readonly octets: Uint8Array } | { readonly file: string };

/** Takes the octets of one message. One `finish`, and `discard` unless a row has it. */
export interface ContentTarget {
  /** Takes a copy, or is done with `octets` when the promise resolves. Never rejects. */
  write(octets: Uint8Array): Promise<void> | undefined;
  /**
   * Makes a file durable; its name is so once the folder is synced. Throws, or rejects with,
   * the fault of the first write that failed.
   */
  finish(): StoredContent | Promise<StoredContent>;
  /** Leaves nothing behind. Also after `finish`. */
  discard(): Promise<void>;
}

/** What files are made with. */
export interface ContentFiles {
  readonly files: StoreFiles;
  readonly messagesPath: string;
  /** Names without directory, unique in the mailbox for ever. */
  readonly createFileName: () => string;
  /** Messages of at most this size become rows. */
  readonly inlineBytes: number;
}

/** @param sizeBytes Undefined: not known. */
export function createContentTarget(
  parts: ContentFiles,
  sizeBytes: number | undefined,
): ContentTarget {
  if (sizeBytes === undefined) return new GrowingTarget(parts);
  return sizeBytes <= parts.inlineBytes ? new MemoryTarget(sizeBytes) : new FileTarget(parts);
}

/** Octets of an announced number. */
class MemoryTarget implements ContentTarget {
  readonly #octets: Buffer;
  #filled = 0;

  constructor(sizeBytes: number) {
    this.#octets = Buffer.allocUnsafeSlow(sizeBytes);
  }

  write(octets: Uint8Array): undefined {
    this.#octets.set(octets, this.#filled);
    this.#filled += octets.length;
  }

  finish(): StoredContent {
    return { octets: this.#octets };
  }

  discard(): Promise<void> {
    return Promise.resolve();
  }
}

class GrowingTarget implements ContentTarget {
  readonly #parts: ContentFiles;
  #chunks: Buffer[] = [];
  #byteCount = 0;
  #file: FileTarget | undefined;

  constructor(parts: ContentFiles) {
    this.#parts = parts;
  }

  write(octets: Uint8Array): Promise<void> | undefined {
    if (this.#file !== undefined) return this.#file.write(octets);
    this.#chunks.push(Buffer.from(octets));
    this.#byteCount += octets.length;
    if (this.#byteCount <= this.#parts.inlineBytes) return undefined;
    this.#file = new FileTarget(this.#parts);
    const gathered = Buffer.concat(this.#chunks);
    this.#chunks = [];
    return this.#file.write(gathered);
  }

  finish(): StoredContent | Promise<StoredContent> {
    return this.#file?.finish() ?? { octets: Buffer.concat(this.#chunks) };
  }

  async discard(): Promise<void> {
    this.#chunks = [];
    await this.#file?.discard();
  }
}

class FileTarget implements ContentTarget {
  readonly #files: StoreFiles;
  readonly #name: string;
  readonly #path: string;
  readonly #temporaryPath: string;
  #file: WritableFile | undefined;
  #failure: Error | undefined;
  /** The writes so far, in order; never rejects. */
  #tail: Promise<void>;

  constructor({ files, messagesPath, createFileName }: ContentFiles) {
    this.#files = files;
    this.#name = createFileName();
    this.#path = join(messagesPath, this.#name);
    this.#temporaryPath = `${this.#path}.tmp`;
    this.#tail = this.#attempt(async () => {
      this.#file = await files.createFile(this.#temporaryPath);
    });
  }

  write(octets: Uint8Array): Promise<void> {
    this.#tail = this.#tail.then(() => this.#attempt(async () => this.#file?.write(octets)));
    return this.#tail;
  }

  async finish(): Promise<StoredContent> {
    await this.#tail;
    await this.#attempt(async () => this.#file?.sync());
    await this.#closeFile();
    await this.#attempt(() => this.#files.rename(this.#temporaryPath, this.#path));
    if (this.#failure !== undefined) throw this.#failure;
    return { file: this.#name };
  }

  async discard(): Promise<void> {
    await this.#tail;
    await this.#closeFile();
    await this.#files.remove(this.#temporaryPath);
    await this.#files.remove(this.#path);
  }

  async #closeFile(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    try {
      await file?.close();
    } catch (error) {
      this.#failure ??= asError(error);
    }
  }

  async #attempt(work: () => Promise<void>): Promise<void> {
    if (this.#failure !== undefined) return;
    try {
      await work();
    } catch (error) {
      this.#failure = asError(error);
    }
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(errorCode(error));
}
