/**
 * What a POP3 session needs of a mail store: one maildrop, locked and frozen for the session
 * (RFC 1939 §4). The session owns these interfaces; the back end supplies them.
 */

import type { OctetRange } from '@homeward/mime';

/** A message opened for reading. Close it. */
export interface MaildropContent {
  readonly sizeBytes: number;
  /** Octets from `offset`, at most `count`; fewer only at the end. */
  read(offset: number, count: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** What opening a message gives. */
export type OpenedMessage = Uint8Array | Promise<MaildropContent | undefined>;

/**
 * Frozen when the session began. Messages are known by their index, from 0, the oldest first;
 * which number a client sees is the session's business. There may be 100,000 of them, so a
 * listing is asked for figure by figure and no object is kept for a message.
 */
export interface MaildropPort {
  readonly messageCount: number;
  sizeBytesAt(index: number): number;
  /** Stable over sessions and moves, 1 to 70 characters of 0x21-0x7E (RFC 1939 §7). */
  uidlAt(index: number): string;
  /**
   * Opens a message for reading.
   *
   * @returns The whole of a small one at once, so that it can be sent without a wait; a promise
   *   for others, which is one of undefined if an IMAP session expunged the message meanwhile.
   */
  open(index: number): OpenedMessage;
  /**
   * Where the headers of a message and of its parts lie, ascending. Asked for when a message is
   * to be read by a client that has not said UTF8, and may not be ASCII.
   */
  findHeaders(index: number): Promise<readonly OctetRange[]>;
  /** If not, DELE is refused, and nothing expires. */
  readonly mayRemove: boolean;
  /**
   * Messages that were read, by whatever protocol, and have been here for so long: QUIT removes
   * them (RFC 2449 §6.7).
   *
   * @param days At least 1.
   * @returns Indexes, ascending.
   */
  findExpired(days: number): Promise<Uint32Array>;
  /**
   * Deletes at QUIT; resolves when durable. Messages already gone count as deleted.
   *
   * @param indexes Ascending, each once.
   * @returns false if some could not be removed.
   */
  remove(indexes: Uint32Array): Promise<boolean>;
  /** Marks as \Seen what RETR gave out; never blocks the answer. */
  markSeen(index: number): void;
  /** Lets the next session in; the owner's `close` follows. */
  unlock(): void;
}
