/**
 * What the mail store offers: one account's mailbox with its folders and messages, in the
 * store's own words. It knows no IMAP and no POP3; whoever serves those adapts these
 * interfaces, which are close enough to what sessions ask for that the adapters stay thin.
 *
 * Two rules hold for everything here.
 * - Published only: what an index, a listing or a listener shows, and what a promise resolves
 *   to, is durable. Nothing that a power cut could take back ever leaves the store.
 * - Steady within a turn: published state changes only between turns of the event loop, never
 *   while synchronous code of a caller runs.
 *
 * No type of the database appears here, so another kind of store can stand beside this one.
 */

import type { TextQuery } from '@homeward/text-index';

export type { TextQuery } from '@homeward/text-index';

declare const brand: unique symbol;
type Branded<Base, Name> = Base & { readonly [brand]: Name };

/** Identifies a message in its folder; 1 to 2^32-1, ascending, never reused. */
export type Uid = Branded<number, 'Uid'>;
/** Identity of a folder's UID space; 1 to 2^32-1, unique in its mailbox for ever. */
export type UidValidity = Branded<number, 'UidValidity'>;
/** Modification sequence, one count for the whole mailbox; 1 to 2^53-1. */
export type ModSeq = Branded<number, 'ModSeq'>;

/** System flag in canonical spelling ("\Seen") or keyword. */
export type FlagName = string;

/** What a folder is for (the names of RFC 6154, with their backslash). */
export type SpecialUse =
  | '\\All'
  | '\\Archive'
  | '\\Drafts'
  | '\\Flagged'
  | '\\Junk'
  | '\\Sent'
  | '\\Trash';

/**
 * Why an operation was refused. `unavailable`: the mailbox is closed or broken, or its volume
 * is full; nothing was changed, or at least nothing that anybody was told.
 */
export type Refusal =
  | 'nonexistent'
  | 'already-exists'
  | 'has-children'
  | 'not-permitted'
  | 'invalid-name'
  | 'too-many'
  | 'too-big'
  | 'over-quota'
  | 'expunged'
  | 'in-use'
  | 'unavailable';

/** Expected outcomes are values. */
export type Outcome<Value, Reason = Refusal> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly reason: Reason };

/** A moment and the zone it was given in, so that a client gets back what it gave. */
export interface InternalDate {
  readonly epochMs: number;
  /** Minutes east of UTC. */
  readonly zoneMinutes: number;
}

/** One folder of a listing. Paths use "/" and Unicode; the inbox is "INBOX". */
export interface FolderSummary {
  readonly path: string;
  /** False for a mere parent of folders. */
  readonly isSelectable: boolean;
  readonly hasChildren: boolean;
  readonly isSubscribed: boolean;
  readonly specialUse: SpecialUse | undefined;
}

/** Counts of one folder. */
export interface FolderStatus {
  readonly messageCount: number;
  /** Messages that no session has had as recent yet. */
  readonly recentCount: number;
  readonly unseenCount: number;
  readonly totalBytes: number;
  /** Of those, what is \\Deleted. */
  readonly deletedCount: number;
  readonly deletedBytes: number;
  readonly uidNext: Uid;
  readonly uidValidity: UidValidity;
  readonly highestModSeq: ModSeq;
  /** Object id of the folder: stays through renames, never reused (RFC 8474 §4). */
  readonly mailboxId: string;
}

/** A message's flags. Interned: two messages with the same flags share the same object. */
export interface FlagSet {
  /** System flags, then keywords, in a stable order. */
  readonly names: readonly FlagName[];
  readonly isSeen: boolean;
  readonly isDeleted: boolean;
  /** Compares without regard to case. */
  has(flag: FlagName): boolean;
}

/**
 * UIDs in ascending order: the first `length` entries of `values`. Immutable as a pair: the
 * store may append behind `length` in the same array, but never changes what lies before.
 */
export interface UidList {
  readonly values: Uint32Array;
  readonly length: number;
}

/** The published state of an open folder, in memory, shared by all that have it open. */
export interface FolderIndex {
  readonly uids: UidList;
  readonly uidNext: Uid;
  readonly highestModSeq: ModSeq;
  /** All keywords in use in this folder. */
  readonly keywords: readonly FlagName[];
  /** @returns The message's position in `uids`, or -1 if it is not there. */
  positionOf(uid: Uid): number;
  flagsAt(position: number): FlagSet;
  sizeBytesAt(position: number): number;
  internalDateAt(position: number): InternalDate;
  modSeqAt(position: number): ModSeq;
}

/** What can be asked of messages without opening them. */
export type FactName =
  | 'envelope'
  | 'body'
  | 'body-structure'
  | 'header'
  | 'shape'
  | 'octets'
  | 'email-id'
  | 'save-date'
  | 'preview'
  | 'sort-facts';

/** Answers to `FactName`s; a fact that was not asked for is undefined. */
export interface MessageFacts {
  readonly uid: Uid;
  /** As the describer made them at arrival. */
  readonly envelope: Uint8Array | undefined;
  readonly body: Uint8Array | undefined;
  readonly bodyStructure: Uint8Array | undefined;
  /** Undefined as well if the describer kept no header because it was too long. */
  readonly header: Uint8Array | undefined;
  readonly shape: Uint8Array | undefined;
  /** The whole message if it lies in the database; undefined if it is a file: open it. */
  readonly octets: Uint8Array | undefined;
  /** "M" and the digest of the octets: equal octets, equal id (RFC 8474 §5.1). */
  readonly emailId: string | undefined;
  /** When it came into its folder (RFC 8514), to the second; undefined if nobody knows. */
  readonly saveDateMs: number | undefined;
  /** As the describer made them; undefined if it made none. */
  readonly preview: Uint8Array | undefined;
  readonly sortFacts: Uint8Array | undefined;
}

/**
 * What an injected describer makes of a message: opaque octets, computed once at arrival,
 * kept and given back as they are. The describer bounds their sizes.
 */
export interface MessageDescription {
  readonly envelope: Uint8Array;
  readonly body: Uint8Array;
  readonly bodyStructure: Uint8Array;
  readonly shape: Uint8Array;
  /** Makes the rest. Called at most once, and perhaps only after the message was answered for. */
  readonly describeRest: () => RestDescription;
}

/**
 * What of a description nobody needs to have: readers make it of the message where it is missing.
 * So it becomes durable a moment after the message, and a power cut may take it away.
 */
export interface RestDescription {
  /** Undefined if too long to be worth keeping. */
  readonly header: Uint8Array | undefined;
  readonly preview?: Uint8Array | undefined;
  readonly sortFacts?: Uint8Array | undefined;
}

/** Takes a message in pieces and describes it. One for each message; `finish` ends it. */
export interface MessageDescriber {
  /** Must not keep `octets`. */
  push(octets: Uint8Array): void;
  finish(): MessageDescription;
}

/** A message opened for reading; it outlives an expunge. Close it. */
export interface MessageContent {
  readonly sizeBytes: number;
  /** Octets from `offset`, at most `count`; fewer only at the end. */
  read(offset: number, count: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

export interface FlagChange {
  readonly kind: 'replace' | 'add' | 'remove';
  readonly flags: readonly FlagName[];
}

/** Messages that were not changed, each list in the order asked for. */
export interface FlagChangeResult {
  /** They were gone. */
  readonly missing: Uid[];
  /** They had changed after the mod-sequence that was given. */
  readonly modified: Uid[];
}

/** Source and new UIDs, pairwise, ascending in source. */
export interface CopyResult {
  readonly uidValidity: UidValidity;
  readonly sourceUids: readonly Uid[];
  readonly newUids: readonly Uid[];
}

/** One open folder. Any number of sessions may hold one; each closes its own. */
export interface Folder {
  /** Follows renames. */
  readonly path: string;
  readonly isReadOnly: boolean;
  readonly uidValidity: UidValidity;
  readonly mailboxId: string;
  /** The current published state; ask again after every await. */
  readonly index: FolderIndex;
  /** The first UID that is recent for this holder; fixed when the folder was opened. */
  readonly firstRecentUid: Uid;
  /** True once the folder was deleted; the index is then empty. */
  readonly isGone: boolean;

  /**
   * Calls `listener` after each publication that touched this folder, never synchronously
   * within a call. @returns How to end it; `close` ends it, too.
   */
  subscribe(listener: () => void): () => void;
  /**
   * UIDs expunged after `modSeq`, ascending (RFC 7162 §3.2.5).
   *
   * @returns undefined if the history, whose length is bounded, no longer reaches back so far:
   *   any UID that is not there may have been expunged since.
   */
  expungedSince(modSeq: ModSeq): Promise<readonly Uid[] | undefined>;
  /** True if the flags of some message changed after `modSeq`. */
  hasFlagChangesSince(modSeq: ModSeq): boolean;

  /**
   * Facts of messages in the given order; those expunged meanwhile are left out. The caller
   * batches: at most 500 UIDs in one call. Empty once the mailbox is broken.
   */
  readFacts(uids: readonly Uid[], names: ReadonlySet<FactName>): Promise<readonly MessageFacts[]>;
  /**
   * Narrows a search for texts: for each query, the UIDs of messages that may have the text,
   * among them all that are not indexed yet. Look into those. None is missing of what the
   * folder had at the call.
   *
   * @returns undefined for a query that rules nothing out: any message may have the text.
   */
  findTextCandidates(
    queries: readonly TextQuery[],
  ): Promise<readonly (ReadonlySet<Uid> | undefined)[]>;
  /** @returns undefined if the message is gone (or the mailbox is broken). */
  openMessage(uid: Uid): Promise<MessageContent | undefined>;

  /**
   * Changes flags; resolves when durable and published. \Recent in `change` is ignored.
   * Atomic for each message, not for all: after a refusal, some may have the change.
   *
   * @param unchangedSince Messages whose mod-sequence is higher stay as they are (RFC 7162
   *   §3.1.3).
   * @returns UIDs whose messages were gone, and those that `unchangedSince` kept.
   */
  changeFlags(
    uids: readonly Uid[],
    change: FlagChange,
    unchangedSince?: ModSeq,
  ): Promise<Outcome<FlagChangeResult>>;
  /** Removes those of `uids` (undefined: all) that are \Deleted. @returns the removed ones. */
  expunge(uids: readonly Uid[] | undefined): Promise<Outcome<readonly Uid[]>>;
  /** All or nothing, except that messages already gone are left out. */
  copy(uids: readonly Uid[], toPath: string): Promise<Outcome<CopyResult>>;
  /** Atomic for each message; after a refusal, some may have moved. */
  move(uids: readonly Uid[], toPath: string): Promise<Outcome<CopyResult>>;
  close(): void;
}

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

/** What is used of something bounded. */
export interface QuotaUsage {
  readonly used: number;
  /** Undefined: unbounded. */
  readonly limit: number | undefined;
}

/** Counted exactly, over all folders, each copy by itself. */
export interface QuotaRecord {
  readonly storageBytes: QuotaUsage;
  readonly messages: QuotaUsage;
}

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

/** Limits of one mailbox; undefined: the store's. */
export interface QuotaLimits {
  readonly storageBytes: number | undefined;
  readonly messages: number | undefined;
}

/** What happened in a mailbox, whoever did it. `path` is the folder's when it was published. */
export type MailboxEvent =
  | {
      /**
       * `messages`: some came, went or have other flags. `metadata`: annotations or the special
       * use changed. `rights`: what others may do with the folder changed.
       */
      readonly kind:
        | 'messages'
        | 'created'
        | 'deleted'
        | 'subscribed'
        | 'unsubscribed'
        | 'metadata'
        | 'rights';
      readonly path: string;
    }
  | { readonly kind: 'renamed'; readonly path: string; readonly oldPath: string }
  /** Annotations of the mailbox as a whole. */
  | { readonly kind: 'metadata'; readonly path: undefined };

/** Totals over all folders, each copy counted. */
export interface MailboxUsage {
  readonly messageCount: number;
  readonly totalBytes: number;
}

/** One account's mail, open. Each opener closes its own. */
export interface Mailbox {
  readonly accountId: string;
  readonly epoch: number;
  readonly usage: MailboxUsage;
  /** True after a failed sync or the like: every call is refused; close it and open anew. */
  readonly isBroken: boolean;
  /** Calls `listener` once when the mailbox breaks. @returns How to end it. */
  onBroken(listener: () => void): () => void;

  /** All folders and their parents, in no particular order, INBOX always among them. */
  listFolders(): Promise<readonly FolderSummary[]>;
  /** Paths that are subscribed though no folder has them. */
  listDeadSubscriptions(): Promise<readonly string[]>;
  statusOf(path: string): Promise<Outcome<FolderStatus>>;
  /** Opening for writing takes what is recent. */
  openFolder(path: string, isReadOnly: boolean): Promise<Outcome<Folder>>;
  /**
   * Creates missing parents, too (selectable); new folders have the rights of those above.
   *
   * @param specialUse `not-permitted` if it is not stored here (\All, \Flagged), another folder
   *   has it, or the folder cannot have one; nothing is made then (RFC 6154 §3).
   * @returns the folder's object id.
   */
  createFolder(
    path: string,
    isSelectable: boolean,
    specialUse?: SpecialUse,
  ): Promise<Outcome<string>>;
  /** Refused as in `createFolder`; undefined takes the use away. */
  setSpecialUse(path: string, specialUse: SpecialUse | undefined): Promise<Outcome<void>>;
  /** A folder with children stays as a mere parent (RFC 3501 §6.3.4). */
  deleteFolder(path: string): Promise<Outcome<void>>;
  /** Takes the folders below along; INBOX moves its messages (RFC 3501 §6.3.5). */
  renameFolder(from: string, to: string): Promise<Outcome<void>>;
  setSubscribed(path: string, isSubscribed: boolean): Promise<Outcome<void>>;
  /**
   * @param replacing What `commit` will be given: only what is added beyond it counts for the
   *   quota (RFC 8508 §3.4), and refusals are early.
   */
  startAppend(path: string, replacing?: ReplacedMessage): Promise<Outcome<MessageSink>>;
  readQuota(): QuotaRecord;
  /**
   * This mailbox's own limits, where they are not the store's: for all its users, until it is
   * set again or the last one closes it. What is there already stays. Undefined: the store's.
   */
  setQuota(quota: QuotaLimits | undefined): void;

  /**
   * Annotations (RFC 5464) by name in lower case; a folder's special use is among them as
   * "/private/specialuse".
   *
   * @param path Undefined: of the mailbox as a whole.
   */
  readMetadata(path: string | undefined): Promise<Outcome<ReadonlyMap<string, Uint8Array>>>;
  /**
   * Sets all or none; an undefined value removes. Refused with `too-big` or `too-many` for what
   * a value and a folder may hold, with `over-quota` for the whole mailbox.
   */
  setMetadata(
    path: string | undefined,
    entries: ReadonlyMap<string, Uint8Array | undefined>,
  ): Promise<Outcome<void>>;

  /** Rights by identifier (RFC 4314), as published; what they mean is the caller's affair. */
  readAcl(path: string): Promise<Outcome<ReadonlyMap<string, string>>>;
  /** @param rights Letters and digits; undefined removes the entry. */
  setAcl(path: string, identifier: string, rights: string | undefined): Promise<Outcome<void>>;

  /**
   * Calls `listener` for each event after its publication, in order; never synchronously within
   * a call. @returns How to end it; `close` ends it, too.
   */
  subscribeMailbox(listener: (event: MailboxEvent) => void): () => void;
  /** Refused with `in-use` while another maildrop of this mailbox is open. */
  openMaildrop(): Promise<Outcome<Maildrop>>;
  close(): void;
}

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
