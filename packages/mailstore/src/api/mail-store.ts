/** All mailboxes of one worker: how they are opened, what the store needs and what it tells. */
import type { SpecialUse } from './folder.ts';
import type { Mailbox } from './mailbox.ts';
import type { Outcome } from './outcome.ts';

/**
 * Why a mailbox was not opened.
 * - `stale-epoch`: the caller's epoch is lower than the mailbox's: refuse the session.
 * - `epoch-ahead`: it is higher: read the directory again, then `adoptEpoch` or refuse.
 * - `sealed`: it moves, or has moved, to another site.
 * - `locked`: another process owns it.
 * - `too-many`: as many mailboxes as this worker may have were in use for `openWaitMs`.
 */
export type OpenRefusal =
  | 'nonexistent'
  | 'stale-epoch'
  | 'epoch-ahead'
  | 'sealed'
  | 'locked'
  | 'too-many'
  | 'unavailable';

export interface OpenOptions {
  /** The account's epoch as the ticket or the directory says it. */
  readonly epoch: number;
  /** Make the mailbox if there is none. */
  readonly create: boolean;
}

/** All mailboxes of one worker. */
export interface MailStore {
  openMailbox(accountId: string, options: OpenOptions): Promise<Outcome<Mailbox, OpenRefusal>>;
  /**
   * Raises a mailbox's epoch after the directory confirmed the higher one; resolves when
   * durable. A lower epoch than the mailbox's is refused.
   */
  adoptEpoch(accountId: string, epoch: number): Promise<Outcome<void, OpenRefusal>>;
  /**
   * Moves the mailbox of a deleted account aside, whoever has it open: every call to it is
   * refused from then on. It stays recoverable until it is purged (`care/`).
   */
  deleteMailbox(accountId: string): Promise<Outcome<void, OpenRefusal>>;
  /**
   * Ends a mailbox for all who have it open, and has whoever opens it wait until `work` is over:
   * for care that needs it for itself (`care/`). Rejects as `work` does.
   */
  whileClosed<Result>(
    accountId: string,
    work: () => Promise<Result>,
  ): Promise<Outcome<Result, 'unavailable'>>;
  /** Numbers for metrics. */
  readonly openMailboxCount: number;
  /** Breaks what is still open, waits for what is under way, closes everything. */
  close(): Promise<void>;
}

/** What the store tells its owner's log; never any text of a message or name of a folder. */
export interface StoreEvent {
  readonly name:
    | 'mailbox.opened'
    | 'mailbox.closed'
    | 'mailbox.created'
    | 'mailbox.broke'
    | 'mailbox.volume-full'
    | 'mailbox.orphans-put-aside'
    | 'mailbox.maintenance-failed'
    | 'mailbox.text-index-failed'
    | 'mailbox.description-failed'
    | 'mailbox.text-unreadable'
    | 'mailbox.file-removal-failed';
  readonly accountId: string;
  /** An error code such as "EIO" or "SQLITE_FULL". */
  readonly code?: string | undefined;
  readonly count?: number | undefined;
}

/** Time, injected. */
export interface StoreClock {
  nowMs(): number;
  /** Runs `run` once after `delayMs`, without keeping the process alive. @returns Cancel. */
  startTimer(delayMs: number, run: () => void): () => void;
}

/** A folder that new mailboxes get beside INBOX. */
export interface DefaultFolder {
  readonly path: string;
  readonly specialUse: SpecialUse | undefined;
  readonly isSubscribed: boolean;
}

/** Bounds; all apply live: the object is read at each use. */
export interface StoreLimits {
  /**
   * Mailboxes open at once, in use or idle or being closed; each takes five file descriptors.
   * Idle ones make room for others at once.
   */
  readonly openMailboxCount: number;
  /** How long an opening waits, if all are in use, before it is refused with `too-many`. */
  readonly openWaitMs: number;
  /** After how long without a user a mailbox is closed. */
  readonly idleMs: number;
  readonly messageBytes: number;
  /** All messages of a mailbox; refused with `over-quota` above. */
  readonly mailboxBytes: number;
  /** Their number; undefined: any. */
  readonly mailboxMessageCount: number | undefined;
  /** Messages in one append. */
  readonly appendMessageCount: number;
  readonly folderCount: number;
  readonly folderDepth: number;
  readonly pathBytes: number;
  readonly subscriptionCount: number;
  /** Keywords known to one mailbox. */
  readonly keywordCount: number;
  /** Flags on one message. */
  readonly flagsPerMessage: number;
  /** Expunges that each folder remembers, at least; old ones are forgotten in the background. */
  readonly expungeHistoryCount: number;
  /** Annotations of one folder, octets of one value, octets of all of a mailbox. */
  readonly metadataEntryCount: number;
  readonly metadataValueBytes: number;
  readonly metadataTotalBytes: number;
  /** Identifiers with rights to one folder, and to all of a mailbox. */
  readonly accessEntryCount: number;
  readonly accessTotalCount: number;
}
