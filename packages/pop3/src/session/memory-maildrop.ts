/** A maildrop in memory: for tests, here and in packages that serve POP3. */
import type { MaildropContent, MaildropMessage, MaildropPort } from './ports.ts';

/** A message to begin with. */
export interface MemoryMessage {
  readonly uidl: string;
  readonly octets: Uint8Array;
}

/** Keeps what was done to it, for tests to look at. */
export class MemoryMaildrop implements MaildropPort {
  readonly messages: readonly MaildropMessage[];
  readonly #octets: (Uint8Array | undefined)[];
  readonly #seen = new Set<number>();
  #openCount = 0;
  #isClosed = false;
  /** Set to false to have `remove` keep everything and say so. */
  canRemove = true;

  constructor(messages: readonly MemoryMessage[]) {
    this.messages = messages.map(({ uidl, octets }) => ({ uidl, sizeBytes: octets.length }));
    this.#octets = messages.map(({ octets }) => octets);
  }

  /** Removes a message as another session would. */
  expunge(index: number): void {
    this.#octets[index] = undefined;
  }

  /** Unique-ids of what is left. */
  get remaining(): readonly string[] {
    return this.messages.flatMap(({ uidl }, index) =>
      this.#octets[index] === undefined ? [] : [uidl],
    );
  }

  /** Indexes that were marked seen. */
  get seen(): ReadonlySet<number> {
    return this.#seen;
  }

  /** Messages that were opened and not closed. */
  get openCount(): number {
    return this.#openCount;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  open(index: number): Promise<MaildropContent | undefined> {
    const octets = this.#octets[index];
    if (octets === undefined) return Promise.resolve(undefined);
    this.#openCount += 1;
    return Promise.resolve({
      sizeBytes: octets.length,
      read: (offset, count) => Promise.resolve(octets.subarray(offset, offset + count)),
      close: () => {
        this.#openCount -= 1;
        return Promise.resolve();
      },
    });
  }

  remove(indexes: readonly number[]): Promise<boolean> {
    if (this.canRemove) for (const index of indexes) this.#octets[index] = undefined;
    return Promise.resolve(this.canRemove);
  }

  markSeen(index: number): void {
    this.#seen.add(index);
  }

  close(): Promise<void> {
    this.#isClosed = true;
    return Promise.resolve();
  }
}
