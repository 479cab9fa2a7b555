/** What a session's client sees of its maildrop: the frozen list, less what it marked deleted. */
import type { MaildropMessage } from './ports.ts';

/** Deletion marks (RFC 1939 §5 DELE, RSET); nothing is removed before QUIT. */
export class MaildropView {
  readonly #messages: readonly MaildropMessage[];
  readonly #marks: Uint8Array;
  #count: number;
  #sizeBytes: number;

  constructor(messages: readonly MaildropMessage[]) {
    this.#messages = messages;
    this.#marks = new Uint8Array(messages.length);
    this.#count = messages.length;
    this.#sizeBytes = sumSizes(messages);
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
    return this.#messages.length;
  }

  /** @returns The message at a 0-based index, or undefined if it is marked or there is none. */
  find(index: number): MaildropMessage | undefined {
    return this.#marks[index] === 0 ? this.#messages[index] : undefined;
  }

  /** Marks a message that `find` finds. */
  markDeleted(index: number): void {
    const message = this.find(index);
    if (message === undefined) return;
    this.#marks[index] = 1;
    this.#count -= 1;
    this.#sizeBytes -= message.sizeBytes;
  }

  /** Takes all marks away. */
  reset(): void {
    this.#marks.fill(0);
    this.#count = this.#messages.length;
    this.#sizeBytes = sumSizes(this.#messages);
  }

  /** Indexes of the marked messages, ascending. */
  listDeleted(): readonly number[] {
    const indexes: number[] = [];
    for (let at = this.#marks.indexOf(1); at >= 0; at = this.#marks.indexOf(1, at + 1)) {
      indexes.push(at);
    }
    return indexes;
  }
}

function sumSizes(messages: readonly MaildropMessage[]): number {
  return messages.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}
