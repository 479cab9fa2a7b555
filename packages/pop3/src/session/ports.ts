/**
 * What a POP3 session needs of a mail store: one maildrop, locked and frozen for the session
 * (RFC 1939 §4). The session owns these interfaces; the back end supplies them.
 */

/** One message of the frozen listing. */
export interface MaildropMessage {
  /** Stable over sessions and moves, 1 to 70 characters of 0x21-0x7E (RFC 1939 §7). */
  readonly uidl: string;
  readonly sizeBytes: number;
}

/** A message opened for reading. Close it. */
export interface MaildropContent {
  readonly sizeBytes: number;
  /** Octets from `offset`, at most `count`; fewer only at the end. */
  read(offset: number, count: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

export interface MaildropPort {
  /** Frozen when the session began; index 0 is message 1. */
  readonly messages: readonly MaildropMessage[];
  /** @returns undefined if the message was expunged by an IMAP session meanwhile. */
  open(index: number): Promise<MaildropContent | undefined>;
  /**
   * Deletes at QUIT; resolves when durable. Messages already gone count as deleted.
   * @returns false if some could not be removed.
   */
  remove(indexes: readonly number[]): Promise<boolean>;
  /** Marks as \Seen what RETR gave out; never blocks the answer. */
  markSeen(index: number): void;
  /** Releases the lock. */
  close(): Promise<void>;
}
