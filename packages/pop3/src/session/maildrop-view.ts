/**
 * What a session's client sees of its maildrop: messages by their numbers, less what it marked
 * deleted. Numbers begin at 1 and stay for the session's life (RFC 1939 §5); which message has
 * which is the server's to choose, and unique-ids do not depend on it.
 */
import type { MaildropPort } from './ports.ts';

/**
 * Whether message 1 is the oldest or the newest (Exchange: MessageRetrievalSortOrder). A client
 * that fetches only some of a large maildrop fetches the first ones.
 */
export type RetrievalOrder = 'ascending' | 'descending';

const DELETED = 1;
const RETRIEVED = 2;

/** Deletion marks (RFC 1939 §5 DELE, RSET); nothing is removed before QUIT. */
export class MaildropView {
  readonly #maildrop: MaildropPort;
  readonly #order: RetrievalOrder;
  /** By index, one octet each. */
  readonly #marks: Uint8Array;
  #count: number;
  #sizeBytes: number;

  constructor(maildrop: MaildropPort, order: RetrievalOrder) {
    this.#maildrop = maildrop;
    this.#order = order;
    this.#marks = new Uint8Array(maildrop.messageCount);
    this.#count = maildrop.messageCount;
    this.#sizeBytes = this.#sumSizes();
  }

  /** Messages that are not marked. */
  get count(): number {
    return this.#count;
  }

  /** Octets of the messages that are not marked. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Messages, marked ones included: the highest number. */
  get length(): number {
    return this.#marks.length;
  }

  /** @returns The index of a message by its number; undefined if it is marked or there is none. */
  findIndex(message: number): number | undefined {
    const index = this.#order === 'ascending' ? message - 1 : this.#marks.length - message;
    const marks = this.#marks[index];
    return marks === undefined || (marks & DELETED) !== 0 ? undefined : index;
  }

  /** Marks a message that `findIndex` found. */
  markDeleted(index: number): void {
    const marks = this.#marks[index];
    if (marks === undefined || (marks & DELETED) !== 0) return;
    this.#marks[index] = marks | DELETED;
    this.#count -= 1;
    this.#sizeBytes -= this.#maildrop.sizeBytesAt(index);
  }

  /** Notes that RETR gave a message out; RSET does not take that back. */
  markRetrieved(index: number): void {
    this.#marks[index] = (this.#marks[index] ?? 0) | RETRIEVED;
  }

  /** Takes all deletion marks away. */
  reset(): void {
    for (let index = 0; index < this.#marks.length; index += 1) {
      this.#marks[index] = (this.#marks[index] ?? 0) & ~DELETED;
    }
    this.#count = this.#marks.length;
    this.#sizeBytes = this.#sumSizes();
  }

  /** Indexes of the messages that are marked deleted, ascending. */
  listDeleted(): Uint32Array {
    return this.#list(DELETED);
  }

  /** Indexes of the messages that are marked deleted or were retrieved, ascending. */
  listDeletedOrRetrieved(): Uint32Array {
    return this.#list(DELETED | RETRIEVED);
  }

  #list(mask: number): Uint32Array {
    const indexes = new Uint32Array(this.#marks.length);
    let count = 0;
    for (let index = 0; index < indexes.length; index += 1) {
      if (((this.#marks[index] ?? 0) & mask) === 0) continue;
      indexes[count] = index;
      count += 1;
    }
    return indexes.slice(0, count);
  }

  #sumSizes(): number {
    let sum = 0;
    for (let index = 0; index < this.#marks.length; index += 1) {
      sum += this.#maildrop.sizeBytesAt(index);
    }
    return sum;
  }
}
