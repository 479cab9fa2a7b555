/** The inbox as POP3 has it. */
import type { MessageContent } from './message-facts.ts';

/**
 * The inbox, locked against other maildrops and frozen (RFC 1939 §4). Messages are known by
 * their index, from 0, the oldest first.
 */
export interface Maildrop {
  readonly messageCount: number;
  sizeBytesAt(index: number): number;
  /** Stable for as long as the message is in the inbox, also over a move to another site. */
  uidlAt(index: number): string;
  /**
   * Opens a message for reading.
   *
   * @returns The whole of a small one at once; a promise of what must be closed for others, which
   *   is one of undefined if the message was expunged meanwhile.
   */
  open(index: number): Uint8Array | Promise<MessageContent | undefined>;
  /**
   * Messages that are \Seen and came into the inbox before a moment (RFC 8514), as far as the
   * store knows when they came.
   *
   * @returns Indexes, ascending.
   */
  findSeenBefore(savedBeforeMs: number): Promise<Uint32Array>;
  /** @returns What the describer made at arrival; undefined if the message is gone. */
  readShape(index: number): Promise<Uint8Array | undefined>;
  /**
   * Removes messages; those already gone count.
   *
   * @param indexes Ascending, each once.
   * @returns false if some could not be removed.
   */
  remove(indexes: Uint32Array): Promise<boolean>;
  /** Marks a message as \Seen soon; never fails, never blocks. */
  markSeen(index: number): void;
  /** Lets the next one in. Only `close` may follow. */
  unlock(): void;
  /** Unlocks; resolves when what `markSeen` began is done. */
  close(): Promise<void>;
}
