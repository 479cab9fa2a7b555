/** Folders: in a listing, counted, and open. */
import type { TextQuery } from '@homeward/text-index';
import type { FlagChange, FlagChangeResult } from './flags.ts';
import type { FolderIndex } from './folder-index.ts';
import type { FactName, MessageContent, MessageFacts } from './message-facts.ts';
import type { ModSeq, Uid, UidValidity } from './message-ids.ts';
import type { Outcome } from './outcome.ts';

/** What a folder is for (the names of RFC 6154, with their backslash). */
export type SpecialUse =
  | '\\All'
  | '\\Archive'
  | '\\Drafts'
  | '\\Flagged'
  | '\\Junk'
  | '\\Sent'
  | '\\Trash';

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
