/**
 * What operators ask of a queue, and what they are answered: never a word of a message. A queue
 * and a message in it have one name in a site: `<worker>-<number in letters and digits>`.
 */

/** A message as operators name it. */
export type QueueMessageId = string;

export type QueueMessageState =
  /** For its time, or for its destination. */
  | 'waiting'
  | 'trying'
  /** An operator stopped it. */
  | 'held';

/** All that are given must fit. Letters' case does not matter. */
export interface QueueFilter {
  /** An address, or `@` and a domain; `<>` for notices. */
  readonly sender?: string | undefined;
  /** An address, or `@` and a domain. */
  readonly recipient?: string | undefined;
  /** As `worker:dublin/0` or `elsewhere:example.org`; what comes behind the colon is enough. */
  readonly destination?: string | undefined;
  readonly state?: QueueMessageState | undefined;
}

export type QueueAction = 'retry' | 'hold' | 'release' | 'drop';

export type QueueJob =
  | {
      readonly kind: 'list';
      readonly filter: QueueFilter;
      /** The last one of the page before. */
      readonly after?: QueueMessageId | undefined;
      readonly limit: number;
    }
  | { readonly kind: 'show'; readonly id: QueueMessageId }
  | {
      readonly kind: 'change';
      readonly action: QueueAction;
      /** Those named, or all that fit. */
      readonly target:
        | { readonly ids: readonly QueueMessageId[] }
        | { readonly filter: QueueFilter };
    };

/** One line of a list. */
export interface QueueEntry {
  readonly id: QueueMessageId;
  readonly reference: string;
  /** Empty for the null sender. */
  readonly sender: string;
  readonly sizeBytes: number;
  readonly queuedMs: number;
  readonly state: QueueMessageState;
  readonly dueMs: number;
  readonly recipientCount: number;
  /** The first recipient that still waits. */
  readonly firstRecipient: string;
  /** Up to five. */
  readonly destinations: readonly string[];
  /** Of the most attempts. */
  readonly attemptCount: number;
  /** What was said last to one of them. */
  readonly lastReply: string | undefined;
}

export interface QueueRecipientFacts {
  readonly address: string;
  readonly state: 'waiting' | 'lined-up' | 'trying' | 'delivered' | 'relayed' | 'failed';
  readonly destination: string | undefined;
  readonly attemptCount: number;
  readonly dueMs: number;
  readonly lastMs: number | undefined;
  readonly lastReply: string | undefined;
  readonly remote: string | undefined;
}

export interface QueueMessageFacts extends QueueEntry {
  readonly expiresMs: number;
  readonly hopCount: number;
  readonly envelopeId: string | undefined;
  readonly recipients: readonly QueueRecipientFacts[];
}

export interface QueuePage {
  readonly entries: readonly QueueEntry[];
  /** Give it as `after` for the next page; undefined: there is none. */
  readonly next: QueueMessageId | undefined;
}

export interface QueueChange {
  readonly changedCount: number;
  /** Those named that are not there. */
  readonly missing: readonly QueueMessageId[];
}

/** What a job comes to, by its kind. */
export interface QueueValues {
  readonly list: QueuePage;
  readonly show: QueueMessageFacts;
  readonly change: QueueChange;
}

export type QueueAnswer<Value = unknown> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly reason: 'nonexistent' | 'unavailable' };

/** Where jobs are done. */
export interface QueueDesk {
  run<Kind extends QueueJob['kind']>(
    job: Extract<QueueJob, { readonly kind: Kind }>,
  ): Promise<QueueAnswer<QueueValues[Kind]>>;
}
