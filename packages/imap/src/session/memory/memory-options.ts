/** What a mailbox in memory is made of. */
import type { Uid } from '../../ids.ts';
import type { MessageFacts, SpecialUse } from '../ports.ts';

/** What the mailbox needs from outside. */
export interface MemoryMailboxOptions {
  readonly describe: (uid: Uid, octets: Uint8Array) => MessageFacts;
  readonly nowMs: () => number;
  readonly maxMessageBytes?: number;
  /** Told, not enforced. */
  readonly quotaBytes?: number;
  readonly quotaMessages?: number;
  readonly specialUses?: Readonly<Record<string, SpecialUse>>;
  /** Awaited before and after each change: what happens meanwhile comes in between. */
  readonly pause?: () => Promise<void>;
}
