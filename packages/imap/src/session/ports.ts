/**
 * What an IMAP session needs of a mail store. The session owns these interfaces; the back end
 * supplies them over its store, and `memory-mailbox.ts` supplies them for tests.
 *
 * Two rules bind every supplier.
 * - Published only: what `FolderIndex` and the listeners show, and what a promise resolves to,
 *   is durable. A session never learns of something that a power cut could take back.
 * - Steady within a turn: an index changes only between turns of the event loop, never while
 *   synchronous code of a session runs.
 */
import type { Envelope, MimePart } from '@homeward/mime';
import type { SortFacts, TextQuery } from '@homeward/search';
import type { FlagName, InternalDate } from '../grammar/command.ts';
import type { ModSeq, Uid, UidValidity } from '../ids.ts';

export type { TextQuery, TextScope } from '@homeward/search';

/** Special uses of RFC 6154, with their backslash. */
export type SpecialUse =
  | '\\All'
  | '\\Archive'
  | '\\Drafts'
  | '\\Flagged'
  | '\\Junk'
  | '\\Sent'
  | '\\Trash';

/** Why a store refused; each maps to one response code (RFC 5530 where one applies). */
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
  /** The access list does not allow it (RFC 4314 §4). */
  | 'no-permission'
  | 'unavailable';

/** Expected outcomes are values. */
export type Outcome<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly reason: Refusal };

/** One folder as LIST shows it. Paths use "/" and Unicode; INBOX is "INBOX". */
export interface FolderSummary {
  readonly path: string;
  /** False for a mere parent of folders: \Noselect. */
  readonly isSelectable: boolean;
  readonly hasChildren: boolean;
  readonly isSubscribed: boolean;
  readonly specialUse: SpecialUse | undefined;
  /** It belongs to somebody else (RFC 2342 §5). */
  readonly isShared?: boolean | undefined;
}

/** STATUS of one folder. */
export interface FolderStatus {
  readonly messageCount: number;
  readonly recentCount: number;
  readonly unseenCount: number;
  /** RFC 8438: the sum of all messages' sizes. */
  readonly totalBytes: number;
  /** Messages that are \Deleted, and their sizes (RFC 9208 §4.1.4). */
  readonly deletedCount: number;
  readonly deletedBytes: number;
  readonly uidNext: Uid;
  readonly uidValidity: UidValidity;
  readonly highestModSeq: ModSeq;
  /** RFC 8474 MAILBOXID without its parentheses. */
  readonly mailboxId: string;
}

/** A message's flags. Interned: two messages with the same flags share the same object. */
export interface FlagSet {
  /** System flags in canonical spelling, then keywords, in a stable order. */
  readonly names: readonly FlagName[];
  readonly isSeen: boolean;
  readonly isDeleted: boolean;
  /** Compares keywords without regard to case. */
  has(flag: FlagName): boolean;
}

/**
 * UIDs in ascending order: the first `length` entries of `values`. Immutable as a pair: a
 * store may append behind `length` in the same array, but never changes what lies before.
 */
export interface UidList {
  readonly values: Uint32Array;
  readonly length: number;
}

/** The published state of an open folder, in memory, shared by all its sessions. */
export interface FolderIndex {
  readonly uids: UidList;
  readonly uidNext: Uid;
  readonly highestModSeq: ModSeq;
  /** All keywords in use in this folder. */
  readonly keywords: readonly FlagName[];
  /** @returns The message's position in `uids`, or -1 if it is gone. */
  positionOf(uid: Uid): number;
  flagsAt(position: number): FlagSet;
  sizeBytesAt(position: number): number;
  internalDateAt(position: number): InternalDate;
  modSeqAt(position: number): ModSeq;
}

/** What a session asks of messages without opening them, in one go. */
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
  /** What SORT and THREAD compare; undefined for messages from before it was kept. */
  | 'sort-facts';

/** Answers to `FactName`s; a fact that was not asked for is undefined. */
export interface MessageFacts {
  readonly uid: Uid;
  /** ENVELOPE, BODY and BODYSTRUCTURE ready to send: the parenthesized list. */
  readonly envelope: Uint8Array | undefined;
  readonly body: Uint8Array | undefined;
  readonly bodyStructure: Uint8Array | undefined;
  /** The message header, its empty line included; undefined if it is too large to be kept. */
  readonly header: Uint8Array | undefined;
  readonly shape: { readonly envelope: Envelope; readonly root: MimePart } | undefined;
  /** RFC 8474 §5.1 EMAILID: the same for the same octets, over folders and accounts. */
  readonly emailId: string | undefined;
  readonly sortFacts: SortFacts | undefined;
  /** When it came into this folder (RFC 8514 §3); undefined if nobody knows. */
  readonly saveDateMs: number | undefined;
  /** Its first words (RFC 8970 §3.3), as `@homeward/mime` makes them; undefined: to be made. */
  readonly preview: string | undefined;
  /** The whole message if it is small enough to lie in the database; else open it. */
  readonly octets: Uint8Array | undefined;
}

/** A message opened for reading. Close it. */
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

/** What became of a change of flags. */
export interface FlagChangeResult {
  /** Those that were gone, in the order asked for. */
  readonly missing: readonly Uid[];
  /** Those that had changed since, in the order asked for. */
  readonly modified: readonly Uid[];
}

/** Source and new UIDs, pairwise, ascending in source. */
export interface CopyResult {
  readonly uidValidity: UidValidity;
  readonly sourceUids: readonly Uid[];
  readonly newUids: readonly Uid[];
}

/** One open folder. Any number of sessions may hold one; each closes its own. */
export interface FolderPort {
  readonly path: string;
  readonly isReadOnly: boolean;
  readonly uidValidity: UidValidity;
  readonly mailboxId: string;
  /** The current published state; ask again after every await. */
  readonly index: FolderIndex;
  /** The first UID that is \Recent for this session; fixed when the folder was opened. */
  readonly firstRecentUid: Uid;
  /**
   * What this session's user may do here: letters of "lrswipkxtea" (RFC 4314 §2). It may change.
   * Undefined, as in one's own mailbox: everything.
   */
  readonly rights?: string | undefined;
  /** True once the folder was deleted, or may be read no more; the index is then empty. */
  readonly isGone: boolean;

  /** Calls `listener` after each publication, never synchronously within a session's call. */
  subscribe(listener: () => void): () => void;
  /**
   * UIDs expunged after `modSeq`, ascending (RFC 7162 §3.2.5.1).
   * @returns undefined if the history does not reach back so far: anything may have gone.
   */
  expungedSince(modSeq: ModSeq): Promise<readonly Uid[] | undefined>;
  /** True if the flags of some message changed after `modSeq`. */
  hasFlagChangesSince(modSeq: ModSeq): boolean;

  /**
   * Facts of messages in the given order; those expunged meanwhile are left out. The caller
   * batches: at most 500 UIDs in one call.
   */
  readFacts(uids: readonly Uid[], names: ReadonlySet<FactName>): Promise<readonly MessageFacts[]>;
  openMessage(uid: Uid): Promise<MessageContent | undefined>;
  /**
   * Narrows searches: for each query those messages that may have the text, of all that the
   * folder had at the call. None is missing that has it; which of them do, their octets tell.
   *
   * @returns undefined for a query that rules nothing out: any message may have the text.
   */
  findTextCandidates(
    queries: readonly TextQuery[],
  ): Promise<readonly (ReadonlySet<Uid> | undefined)[]>;

  /**
   * Changes flags; resolves when durable and published. \Recent in `change` is ignored.
   *
   * @param unchangedSince Messages with a higher mod-sequence stay as they are (RFC 7162 §3.1.3);
   *   compared and changed in one, for each message.
   */
  changeFlags(
    uids: readonly Uid[],
    change: FlagChange,
    unchangedSince?: ModSeq,
  ): Promise<Outcome<FlagChangeResult>>;
  /** Removes those of `uids` (undefined: all) that are \Deleted. @returns the removed ones. */
  expunge(uids: readonly Uid[] | undefined): Promise<Outcome<readonly Uid[]>>;
  copy(uids: readonly Uid[], toPath: string): Promise<Outcome<CopyResult>>;
  /** Atomic for each message (RFC 6851 §3.3). */
  move(uids: readonly Uid[], toPath: string): Promise<Outcome<CopyResult>>;
  close(): void;
}

/** One message of an APPEND. */
export interface ArrivingMessage {
  readonly flags: readonly FlagName[];
  /** Undefined: now. */
  readonly internalDate: InternalDate | undefined;
  /** Exactly as many octets will come; undefined where nobody can know yet (RFC 4469). */
  readonly sizeBytes: number | undefined;
}

/** Where messages were stored, in the order in which they came. */
export interface StoredMessages {
  readonly uidValidity: UidValidity;
  readonly uids: readonly Uid[];
}

/** A message that goes when another one comes (RFC 8508). */
export interface ReplacedMessage {
  readonly folder: FolderPort;
  readonly uid: Uid;
}

/**
 * One APPEND on its way in: one message or several (RFC 3502), all stored or none. Each is
 * started, written and ended, one behind the other; end the whole with exactly one `commit` or
 * `abort`.
 */
export interface AppendPort {
  /** Refuses before any octet is taken, where it can. */
  startMessage(message: ArrivingMessage): Promise<Outcome<void>> | Outcome<void>;
  /** Awaiting the promise, where there is one, is the back-pressure. */
  write(octets: Uint8Array): Promise<void> | undefined;
  endMessage(): Promise<Outcome<void>> | Outcome<void>;
  /**
   * Resolves when durable and published; `replaced` has gone in the same step, or nothing was
   * done.
   */
  commit(replaced: ReplacedMessage | undefined): Promise<Outcome<StoredMessages>>;
  abort(): Promise<void>;
}

/** What is used of something, and how much there may be: undefined for any amount. */
export interface QuotaUsage {
  readonly used: number;
  readonly limit: number | undefined;
}

/** What folders use together, and may (RFC 9208 §3). */
export interface QuotaRoot {
  /** Empty for the account's own mailbox. */
  readonly name: string;
  readonly storageBytes: QuotaUsage;
  readonly messages: QuotaUsage;
}

/** Who may do what with one folder (RFC 4314 §2): letters of "lrswipkxtea". */
export interface AccessList {
  /** May do everything, and is not among the entries. */
  readonly owner: string;
  readonly rights: ReadonlyMap<string, string>;
}

/** Annotations by entry name in lower case (RFC 5464 §3). */
export type Metadata = ReadonlyMap<string, Uint8Array>;

/** What happened in a mailbox, whoever did it; `path` as it was published. */
export type MailboxEvent =
  | {
      /** `messages`: some came, went or have other flags. */
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
  /** Annotations of the account as a whole. */
  | { readonly kind: 'metadata'; readonly path: undefined };

/** One account's mail. */
export interface MailboxPort {
  /**
   * Calls `listener` for each event after its publication, in order; never synchronously within
   * a session's call. @returns How to end it.
   */
  subscribeMailbox(listener: (event: MailboxEvent) => void): () => void;
  /** All folders and their parents, in no particular order, INBOX always among them. */
  listFolders(): Promise<readonly FolderSummary[]>;
  /** Paths that are subscribed though no folder has them. */
  listDeadSubscriptions(): Promise<readonly string[]>;
  statusOf(path: string): Promise<Outcome<FolderStatus>>;
  openFolder(path: string, isReadOnly: boolean): Promise<Outcome<FolderPort>>;
  /**
   * Creates missing parents, too (RFC 3501 §6.3.3). `not-permitted` if it cannot have that use.
   * @returns the MAILBOXID.
   */
  createFolder(
    path: string,
    isSelectable: boolean,
    specialUse?: SpecialUse,
  ): Promise<Outcome<string>>;
  setSpecialUse(path: string, specialUse: SpecialUse | undefined): Promise<Outcome<void>>;
  deleteFolder(path: string): Promise<Outcome<void>>;
  /** Takes the folders below along; INBOX moves its messages (RFC 3501 §6.3.5). */
  renameFolder(from: string, to: string): Promise<Outcome<void>>;
  setSubscribed(path: string, isSubscribed: boolean): Promise<Outcome<void>>;
  /** @param replaced What `commit` will be given: only what is more than it counts as more. */
  startAppend(path: string, replaced?: ReplacedMessage): Promise<Outcome<AppendPort>>;

  /** The root that a folder of this path counts for, whether or not there is one. */
  quotaRootOf(path: string): Promise<Outcome<QuotaRoot>>;
  findQuotaRoot(name: string): Promise<QuotaRoot | undefined>;

  /** Octets that a value may have. */
  readonly metadataValueBytes: number;
  /**
   * A folder's special use is among them, as "/private/specialuse" (RFC 6154 §4).
   * @param path Undefined for annotations of the account as a whole.
   */
  readMetadata(path: string | undefined): Promise<Outcome<Metadata>>;
  /** All or none; undefined removes. `too-big` and `too-many` where it is bounded. */
  setMetadata(
    path: string | undefined,
    values: ReadonlyMap<string, Uint8Array | undefined>,
  ): Promise<Outcome<void>>;

  /**
   * Before the folders of others, of which each account that shares some is a level; with "/" at
   * its end. Undefined: none are shown.
   */
  readonly otherUsersPrefix: string | undefined;
  /**
   * The one spelling of somebody's identifier that access lists have (RFC 4314 §3.3).
   * `not-permitted` if it is nobody's.
   */
  canonicalIdentifier(identifier: string): Promise<Outcome<string>>;
  /** What the session's user may do: letters of "lrswipkxtea"; never none. */
  rightsOf(path: string): Promise<Outcome<string>>;
  readAccessList(path: string): Promise<Outcome<AccessList>>;
  /** @param rights Undefined takes the entry away. */
  setAccess(path: string, identifier: string, rights: string | undefined): Promise<Outcome<void>>;
}
