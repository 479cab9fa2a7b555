/**
 * What a committed transaction changed, in plain data: applied to the published state once
 * the commit is synced, and never before.
 */
import type { RestDescription, SpecialUse } from './api.ts';

/** One folder as the database has it. */
export interface FolderRecord {
  readonly id: number;
  readonly path: string;
  readonly objectId: string;
  readonly uidValidity: number;
  readonly uidNext: number;
  readonly highestModSeq: number;
  /** Messages with this UID or a higher one are recent to the next session that writes. */
  readonly recentFrom: number;
  readonly messageCount: number;
  readonly unseenCount: number;
  readonly recentCount: number;
  readonly totalBytes: number;
  readonly deletedCount: number;
  readonly deletedBytes: number;
  /** Expunges after this mod-sequence are all in the database. */
  readonly historyFrom: number;
  /** How many are there. */
  readonly historyCount: number;
  readonly specialUse: SpecialUse | undefined;
  readonly isSelectable: boolean;
}

/** One message of a folder as its index needs it. */
export interface IndexEntry {
  readonly uid: number;
  readonly messageId: number;
  readonly sizeBytes: number;
  readonly epochMs: number;
  readonly zoneMinutes: number;
  readonly flagSetId: number;
  readonly modSeq: number;
}

/** Changes to one folder's messages. Applied in the order of the members. */
export interface FolderDelta {
  readonly flagged: { readonly uid: number; readonly flagSetId: number }[];
  /** Ascending. */
  readonly expungedUids: number[];
  /** Ascending by UID, above all that were there. */
  readonly appended: IndexEntry[];
}

/** Totals of the mailbox. */
export interface UsageRecord {
  readonly messageCount: number;
  readonly totalBytes: number;
}

/** All that one transaction changed. */
export interface Publication {
  /** Number of the commit in this opening of the mailbox. */
  readonly commitNumber: number;
  /** The transaction's modification sequence. */
  readonly modSeq: number;
  readonly folders: readonly FolderRecord[];
  readonly removedFolderIds: readonly number[];
  readonly deltas: ReadonlyMap<number, FolderDelta>;
  readonly subscriptions: ReadonlyMap<string, boolean>;
  /** Folders whose annotations changed; 0 stands for the mailbox as a whole. */
  readonly metadataFolderIds: ReadonlySet<number>;
  /** Folders whose rights changed, with all that they are now. */
  readonly rights: ReadonlyMap<number, ReadonlyMap<string, string>>;
  readonly usage: UsageRecord | undefined;
  /** The highest id that a message has or had. */
  readonly lastMessageId: number;
  readonly epoch: number | undefined;
  /** Messages or folders await removal from the database. */
  readonly leavesGarbage: boolean;
  /** New messages, by id, that have not all of their description in the database. */
  readonly putOff: ReadonlyMap<number, () => RestDescription>;
  /** Messages for which what was put off is there now. */
  readonly madeUp: readonly number[];
}
