/**
 * A message on its way in: in memory up to `INLINE_BYTES`, from then on in a file, which is
 * synced and has its durable name before `finish` resolves.
 */
import { join } from 'node:path';
import {
  type ContentTarget,
  createContentTarget,
  errorCode,
  type StoredContent,
  type StoreFiles,
} from '@homeward/durable-store';
import type { EnqueueRefusal, Spool, SpooledMessage } from '../ports.ts';
import { HopCounter } from './hop-counter.ts';
import { readOctets } from './message-octets.ts';

/** Larger messages are files. */
export const INLINE_BYTES: number = 128 * 1024;
/** Of the system, for a volume without room. */
const FULL_CODES: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT']);

export interface SpoolFolder {
  readonly files: StoreFiles;
  readonly messagesPath: string;
  /** Unique for ever. */
  readonly createFileName: () => string;
  /** Names that are no garbage though no row has them. */
  readonly unrowed: Set<string>;
  /** @returns Whether so many octets more would be too many. */
  readonly isFull: (sizeBytes: number) => boolean;
  readonly onFault: (code: string) => void;
  readonly onRefused: (reason: EnqueueRefusal) => void;
}

export class QueueSpool implements Spool {
  readonly #folder: SpoolFolder;
  readonly #target: ContentTarget;
  readonly #hops = new HopCounter();
  #fileName = '';
  #sizeBytes = 0;
  #isRefused: boolean;

  /** @param sizeBytes As far as it is known. */
  constructor(folder: SpoolFolder, sizeBytes: number | undefined) {
    this.#folder = folder;
    this.#isRefused = folder.isFull(sizeBytes ?? 0);
    const parts = {
      files: folder.files,
      messagesPath: folder.messagesPath,
      inlineBytes: INLINE_BYTES,
      createFileName: () => this.#nameFile(),
    };
    // What is said of a small message's size may be wrong: it grows into a file by itself.
    const isSurelyLarge = sizeBytes !== undefined && sizeBytes > INLINE_BYTES && !this.#isRefused;
    this.#target = createContentTarget(parts, isSurelyLarge ? sizeBytes : undefined);
  }

  write(octets: Uint8Array): Promise<void> | undefined {
    this.#sizeBytes += octets.length;
    this.#isRefused ||= this.#folder.isFull(this.#sizeBytes);
    if (this.#isRefused) return undefined;
    this.#hops.push(octets);
    return this.#target.write(octets);
  }

  async finish(): Promise<SpooledMessage | EnqueueRefusal> {
    if (this.#isRefused) {
      await this.abort();
      return this.#refuse('full');
    }
    try {
      const content = await this.#target.finish();
      if ('file' in content) await this.#folder.files.syncFolder(this.#folder.messagesPath);
      return new SpooledContent(this.#folder, content, this.#sizeBytes, this.#hops.count);
    } catch (error) {
      this.#folder.onFault(errorCode(error));
      await this.abort();
      return this.#refuse(FULL_CODES.has(errorCode(error)) ? 'full' : 'unavailable');
    }
  }

  async abort(): Promise<void> {
    try {
      await this.#target.discard();
    } catch (error) {
      this.#folder.onFault(errorCode(error));
    }
    this.#folder.unrowed.delete(this.#fileName);
  }

  #refuse(reason: EnqueueRefusal): EnqueueRefusal {
    this.#folder.onRefused(reason);
    return reason;
  }

  #nameFile(): string {
    this.#fileName = this.#folder.createFileName();
    this.#folder.unrowed.add(this.#fileName);
    return this.#fileName;
  }
}

/** A whole message that no row has yet. */
export class SpooledContent implements SpooledMessage {
  readonly content: StoredContent;
  readonly sizeBytes: number;
  readonly hopCount: number;
  readonly #folder: SpoolFolder;

  constructor(folder: SpoolFolder, content: StoredContent, sizeBytes: number, hopCount: number) {
    this.#folder = folder;
    this.content = content;
    this.sizeBytes = sizeBytes;
    this.hopCount = hopCount;
  }

  readMessage(): AsyncIterable<Uint8Array> {
    const { content, sizeBytes } = this;
    const { files, messagesPath } = this.#folder;
    return readOctets(files, () =>
      'octets' in content
        ? { octets: content.octets }
        : { path: join(messagesPath, content.file), sizeBytes },
    );
  }

  /** A row has its file from now on. */
  noteEnqueued(): void {
    if ('file' in this.content) this.#folder.unrowed.delete(this.content.file);
  }

  async discard(): Promise<void> {
    if (!('file' in this.content)) return;
    try {
      await this.#folder.files.remove(join(this.#folder.messagesPath, this.content.file));
    } catch (error) {
      this.#folder.onFault(errorCode(error));
    }
    this.noteEnqueued();
  }
}
