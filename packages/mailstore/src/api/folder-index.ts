/** The published state of an open folder. */
import type { FlagName, FlagSet } from './flags.ts';
import type { ModSeq, Uid } from './message-ids.ts';

/** A moment and the zone it was given in, so that a client gets back what it gave. */
export interface InternalDate {
  readonly epochMs: number;
  /** Minutes east of UTC. */
  readonly zoneMinutes: number;
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
