/** What the two ends of a mailbox that is used from another worker tell each other. */
import type { AccountId } from '@homeward/directory';
import type { Outcome } from '@homeward/imap/session';
import type { IndexChange } from './index-mirror.ts';

/** The first call of every connection. */
export interface OpenRequest {
  readonly owner: AccountId;
  /** For whom: his rights count there. */
  readonly grantee: AccountId;
}

/** What came of it. */
export type OpenReply = Outcome<{ readonly metadataValueBytes: number }>;

/** A folder that was opened. */
export interface OpenedFolder {
  readonly object: number;
  readonly isReadOnly: boolean;
  readonly uidValidity: number;
  readonly mailboxId: string;
  readonly firstRecentUid: number;
  readonly state: FolderState;
}

/** How a folder is now; told with each publication. */
export interface FolderState {
  readonly path: string;
  readonly rights: string | undefined;
  readonly isGone: boolean;
  /** Undefined: none. */
  readonly change: IndexChange | undefined;
}

/** A message that was opened; the first octets come along. */
export interface OpenedContent {
  readonly object: number;
  readonly sizeBytes: number;
  readonly start: Uint8Array;
}

/** What REPLACE replaces, by the number of its folder. */
export interface ReplacedAtPeer {
  readonly folder: number;
  readonly uid: number;
}

/** Octets that come along with a message that is opened. */
export const CONTENT_START_BYTES: number = 64 * 1024;
