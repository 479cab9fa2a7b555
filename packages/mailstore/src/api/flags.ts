/** Flags of messages, and how they are changed. */
import type { Uid } from './message-ids.ts';

/** System flag in canonical spelling ("\Seen") or keyword. */
export type FlagName = string;

/** A message's flags. Interned: two messages with the same flags share the same object. */
export interface FlagSet {
  /** System flags, then keywords, in a stable order. */
  readonly names: readonly FlagName[];
  readonly isSeen: boolean;
  readonly isDeleted: boolean;
  /** Compares without regard to case. */
  has(flag: FlagName): boolean;
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
