/** How messages come in. */
import type { FlagName } from './flags.ts';
import type { Folder } from './folder.ts';
import type { InternalDate } from './folder-index.ts';
import type { Uid, UidValidity } from './message-ids.ts';
import type { Outcome } from './outcome.ts';

/** A message of an append, before its octets. */
export interface NewMessage {
  readonly flags: readonly FlagName[];
  /** Undefined: now, in UTC. */
  readonly internalDate: InternalDate | undefined;
  /** Exactly as many octets must be written. Undefined: not known; `endMessage` tells. */
  readonly sizeBytes: number | undefined;
}

/** A message that another one replaces (RFC 8508). Of the same mailbox, open for writing. */
export interface ReplacedMessage {
  readonly folder: Folder;
  readonly uid: Uid;
}

export interface AppendedMessages {
  readonly uidValidity: UidValidity;
  /** In the order of their coming. */
  readonly uids: readonly Uid[];
}

/**
 * An append of one or several messages, on their way in: all are stored, or none. For each
 * `startMessage`, `write` as needed, `endMessage`; then exactly one `commit` or `abort`. After
 * a refusal there is nothing left but `abort`, or `commit`, which refuses as well.
 */
export interface MessageSink {
  /** Refuses before any octet is taken, where it can. */
  startMessage(message: NewMessage): Promise<Outcome<void>> | Outcome<void>;
  /**
   * Takes a copy, or is done with `octets` when the promise resolves; awaiting the promise,
   * where there is one, is the back-pressure. Never rejects: `endMessage` tells of faults.
   */
  write(octets: Uint8Array): Promise<void> | undefined;
  endMessage(): Promise<Outcome<void>> | Outcome<void>;
  /**
   * Resolves when all messages are durable and published, and the replaced one is gone, in one
   * transaction. Refused with `expunged` if that was gone already.
   */
  commit(replacing?: ReplacedMessage): Promise<Outcome<AppendedMessages>>;
  /** Leaves nothing behind. */
  abort(): Promise<void>;
}
