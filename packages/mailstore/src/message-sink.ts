/**
 * A message on its way in. Small ones gather in memory and become a row; large ones stream to
 * a file that is synced, given its name and synced into its folder before any row points to
 * it. Described and digested on the way, so the octets are read once.
 */
import { createHash, type Hash } from 'node:crypto';
import { join } from 'node:path';
import type {
  MessageDescriber,
  MessageDescription,
  MessageSink,
  Outcome,
  Uid,
  UidValidity,
} from './api.ts';
import { errorCode, type StoreFiles, type WritableFile } from './store-files.ts';

/** Where the octets go. One `finish` or `discard`. */
interface ContentTarget {
  write(octets: Uint8Array): Promise<void> | undefined;
  /** Makes a file durable. Rejects with the fault of the first write that failed. */
  finish(): Promise<{ readonly octets: Uint8Array } | { readonly file: string }>;
  /** Also after `finish`, if no row came to point to the file. */
  discard(): Promise<void>;
}

/** All octets are here and, if they are a file, durable. */
export interface ReceivedMessage {
  readonly digest: Uint8Array;
  readonly description: MessageDescription;
  readonly content: { readonly octets: Uint8Array } | { readonly file: string };
}

type Appended = Outcome<{ readonly uidValidity: UidValidity; readonly uid: Uid }>;

export interface SinkOptions {
  readonly sizeBytes: number;
  readonly describer: MessageDescriber;
  /** Messages of at most this size become rows. */
  readonly inlineBytes: number;
  readonly files: StoreFiles;
  readonly messagesPath: string;
  /** Without directory, unique in the mailbox for ever. */
  readonly fileName: string;
  /** Makes the row. */
  readonly append: (message: ReceivedMessage) => Promise<Appended>;
  readonly onFault: (code: string) => void;
}

/** @throws RangeError from `write` and `commit` if the caller's octets are not `sizeBytes`. */
export class StoreMessageSink implements MessageSink {
  readonly #options: SinkOptions;
  readonly #target: ContentTarget;
  readonly #hash: Hash = createHash('sha256');
  #receivedBytes = 0;
  #isEnded = false;

  constructor(options: SinkOptions) {
    this.#options = options;
    this.#target =
      options.sizeBytes <= options.inlineBytes
        ? new MemoryTarget(options.sizeBytes)
        : new FileTarget(options.files, options.messagesPath, options.fileName);
  }

  write(octets: Uint8Array): Promise<void> | undefined {
    if (this.#isEnded) return undefined;
    this.#receivedBytes += octets.length;
    if (this.#receivedBytes > this.#options.sizeBytes) {
      throw new RangeError('more octets than announced');
    }
    this.#hash.update(octets);
    this.#options.describer.push(octets);
    return this.#target.write(octets);
  }

  async commit(): Promise<Appended> {
    if (this.#isEnded) throw new Error('a sink was ended twice');
    this.#isEnded = true;
    if (this.#receivedBytes !== this.#options.sizeBytes) {
      await this.#discard();
      throw new RangeError('fewer octets than announced');
    }
    const digest = this.#hash.digest();
    const description = this.#options.describer.finish();
    let content: Awaited<ReturnType<ContentTarget['finish']>>;
    try {
      content = await this.#target.finish();
    } catch (error) {
      this.#options.onFault(errorCode(error));
      await this.#discard();
      return { ok: false, reason: 'unavailable' };
    }
    const outcome = await this.#options.append({ digest, description, content });
    // After `unavailable` the row may yet be there: opening the mailbox will tell, and clean.
    if (!outcome.ok && outcome.reason !== 'unavailable') await this.#discard();
    return outcome;
  }

  async abort(): Promise<void> {
    if (this.#isEnded) return;
    this.#isEnded = true;
    await this.#discard();
  }

  async #discard(): Promise<void> {
    try {
      await this.#target.discard();
    } catch (error) {
      this.#options.onFault(errorCode(error));
    }
  }
}

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

  finish(): Promise<{ readonly octets: Uint8Array }> {
    return Promise.resolve({ octets: this.#octets });
  }

  discard(): Promise<void> {
    return Promise.resolve();
  }
}

class FileTarget implements ContentTarget {
  readonly #files: StoreFiles;
  readonly #folder: string;
  readonly #name: string;
  readonly #temporaryPath: string;
  #file: WritableFile | undefined;
  #failure: Error | undefined;
  /** The writes so far, in order; never rejects. */
  #tail: Promise<void>;

  constructor(files: StoreFiles, folder: string, name: string) {
    this.#files = files;
    this.#folder = folder;
    this.#name = name;
    this.#temporaryPath = join(folder, `${name}.tmp`);
    this.#tail = this.#attempt(async () => {
      this.#file = await files.createFile(this.#temporaryPath);
    });
  }

  write(octets: Uint8Array): Promise<void> {
    this.#tail = this.#tail.then(() => this.#attempt(async () => this.#file?.write(octets)));
    return this.#tail;
  }

  async finish(): Promise<{ readonly file: string }> {
    await this.#tail;
    await this.#attempt(async () => this.#file?.sync());
    await this.#closeFile();
    await this.#attempt(() =>
      this.#files.rename(this.#temporaryPath, join(this.#folder, this.#name)),
    );
    await this.#attempt(() => this.#files.syncFolder(this.#folder));
    if (this.#failure !== undefined) throw this.#failure;
    return { file: this.#name };
  }

  async discard(): Promise<void> {
    await this.#tail;
    await this.#closeFile();
    await this.#files.remove(this.#temporaryPath);
    await this.#files.remove(join(this.#folder, this.#name));
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
  return error instanceof Error ? error : new Error(String(error));
}
