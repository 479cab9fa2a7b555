/** A maildrop in memory: for tests, here and in packages that serve POP3. */
import { listHeaderRanges, type OctetRange, scanMessage } from '@homeward/mime';
import type { MaildropPort, OpenedMessage } from './ports.ts';

/** A message to begin with. */
export interface MemoryMessage {
  readonly uidl: string;
  readonly octets: Uint8Array;
}

/** Keeps what was done to it, for tests to look at. */
export class MemoryMaildrop implements MaildropPort {
  readonly #messages: readonly MemoryMessage[];
  readonly #gone: Uint8Array;
  readonly #seen = new Set<number>();
  readonly #opened: number[] = [];
  #openCount = 0;
  #isUnlocked = false;
  /** What `findExpired` finds, by the days it is asked for. */
  readonly expired: Map<number, readonly number[]> = new Map();
  mayRemove = true;
  /** Set to false to have `remove` keep everything and say so. */
  canRemove = true;
  /** Set to true to have messages read piece by piece, as large ones are. */
  isInPieces = false;

  constructor(messages: readonly MemoryMessage[]) {
    this.#messages = messages;
    this.#gone = new Uint8Array(messages.length);
  }

  /** Removes a message as another session would. */
  expunge(index: number): void {
    this.#gone[index] = 1;
  }

  /** Unique-ids of what is left. */
  get remaining(): readonly string[] {
    return this.#messages.filter((_, index) => this.#gone[index] === 0).map(({ uidl }) => uidl);
  }

  /** Indexes that were marked seen. */
  get seen(): ReadonlySet<number> {
    return this.#seen;
  }

  /** Indexes in the order in which they were opened. */
  get opened(): readonly number[] {
    return this.#opened;
  }

  /** Messages that were opened and not closed. */
  get openCount(): number {
    return this.#openCount;
  }

  get isUnlocked(): boolean {
    return this.#isUnlocked;
  }

  get messageCount(): number {
    return this.#messages.length;
  }

  sizeBytesAt(index: number): number {
    return this.#messages[index]?.octets.length ?? 0;
  }

  uidlAt(index: number): string {
    return this.#messages[index]?.uidl ?? '';
  }

  open(index: number): OpenedMessage {
    const octets = this.#messages[index]?.octets;
    if (octets === undefined || this.#gone[index] === 1) return Promise.resolve(undefined);
    this.#opened.push(index);
    if (!this.isInPieces) return octets;
    this.#openCount += 1;
    return Promise.resolve({
      sizeBytes: octets.length,
      read: (offset: number, count: number) =>
        Promise.resolve(octets.subarray(offset, offset + count)),
      close: () => {
        this.#openCount -= 1;
        return Promise.resolve();
      },
    });
  }

  findHeaders(index: number): Promise<readonly OctetRange[]> {
    const octets = this.#messages[index]?.octets ?? new Uint8Array(0);
    return Promise.resolve(listHeaderRanges(scanMessage(octets)));
  }

  findExpired(days: number): Promise<Uint32Array> {
    return Promise.resolve(Uint32Array.from(this.expired.get(days) ?? []));
  }

  remove(indexes: Uint32Array): Promise<boolean> {
    if (this.canRemove) for (const index of indexes) this.expunge(index);
    return Promise.resolve(this.canRemove);
  }

  markSeen(index: number): void {
    this.#seen.add(index);
  }

  unlock(): void {
    this.#isUnlocked = true;
  }
}
