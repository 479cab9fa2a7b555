/**
 * One message of an append on its way in: described and digested as its octets pass, so that
 * they are read once.
 */
import { createHash, type Hash } from 'node:crypto';
import {
  type ContentFiles,
  type ContentTarget,
  createContentTarget,
  type StoredContent,
} from '@homeward/durable-store';
import type { MessageDescriber } from './api.ts';
import type { ReceivedMessage } from './operations/append-messages.ts';

export interface ArrivalParts extends ContentFiles {
  readonly describe: () => MessageDescriber;
}

/** What is known of a message before its octets. */
export interface Announcement {
  /** Undefined: not known. */
  readonly sizeBytes: number | undefined;
  /** More octets than this are not kept. */
  readonly maxBytes: number;
}

/** @throws RangeError from `write` and `end` if the octets are not those announced. */
export class ArrivingMessage {
  readonly #announced: Announcement;
  readonly #describer: MessageDescriber;
  readonly #target: ContentTarget;
  readonly #hash: Hash = createHash('sha256');
  #receivedBytes = 0;

  constructor(parts: ArrivalParts, announced: Announcement) {
    this.#announced = announced;
    this.#describer = parts.describe();
    this.#target = createContentTarget(parts, announced.sizeBytes);
  }

  /** True if more came than may: the rest is not kept, and the message must be refused. */
  get isTooBig(): boolean {
    return this.#receivedBytes > this.#announced.maxBytes;
  }

  write(octets: Uint8Array): Promise<void> | undefined {
    this.#receivedBytes += octets.length;
    if (this.#receivedBytes > (this.#announced.sizeBytes ?? Infinity)) {
      throw new RangeError('more octets than announced');
    }
    if (this.isTooBig) return undefined;
    this.#hash.update(octets);
    this.#describer.push(octets);
    return this.#target.write(octets);
  }

  /** A file is durable afterwards, though not its name. Fails as its target does. */
  end(): ReceivedMessage | Promise<ReceivedMessage> {
    if (this.#receivedBytes < (this.#announced.sizeBytes ?? 0)) {
      throw new RangeError('fewer octets than announced');
    }
    const received = {
      sizeBytes: this.#receivedBytes,
      digest: this.#hash.digest(),
      description: this.#describer.finish(),
    };
    const content = this.#target.finish();
    const whole = (stored: StoredContent): ReceivedMessage => ({ ...received, content: stored });
    return content instanceof Promise ? content.then(whole) : whole(content);
  }

  discard(): Promise<void> {
    return this.#target.discard();
  }
}
