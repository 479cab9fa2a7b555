/** What the queue tells of itself; a back end makes log lines and metrics of it. */

import type { QueueMessageId } from './desk/queue-job.ts';
import type { EnqueueRefusal } from './ports.ts';

/** Where mail was going: to a worker, or by the smart hosts. */
export type DestinationKind = 'worker' | 'elsewhere';

/** What an attempt came to, for one recipient. */
export type AttemptOutcome = 'delivered' | 'relayed' | 'deferred' | 'failed';

export const ATTEMPT_OUTCOMES: readonly AttemptOutcome[] = [
  'delivered',
  'relayed',
  'deferred',
  'failed',
];

/** What a notice to a sender is of. */
export type NoticeKind = 'failed' | 'delayed' | 'delivered';

export const NOTICE_KINDS: readonly NoticeKind[] = ['failed', 'delayed', 'delivered'];

/** Why a recipient may have got a message twice; closed list. */
export type DuplicateCause =
  /** The process or the volume failed while an attempt was under way. */
  | 'crash'
  /** The connection broke between the end of the message and the answer. */
  | 'no-answer';

export const DUPLICATE_CAUSES: readonly DuplicateCause[] = ['crash', 'no-answer'];

/** Why a message was not taken. */
export const REFUSAL_REASONS: readonly EnqueueRefusal[] = ['full', 'unavailable'];

/** Why the octets of a message that was taken cannot be had; closed list. */
export type UnreadableReason =
  /** Its file, or its row, is not there. */
  | 'gone'
  | 'cut-short'
  /** The volume fails, or does not let us. */
  | 'fault';

export const UNREADABLE_REASONS: readonly UnreadableReason[] = ['gone', 'cut-short', 'fault'];

export type QueueEvent =
  | { readonly name: 'opened'; readonly workerIndex: number; readonly messageCount: number }
  /** Another process has it; it is tried again. */
  | { readonly name: 'locked'; readonly workerIndex: number }
  /** Nothing is taken and nothing tried until it is open again. */
  | { readonly name: 'broke'; readonly workerIndex: number; readonly code: string }
  | { readonly name: 'volume-full'; readonly workerIndex: number; readonly code: string }
  /** A file could not be written or removed. */
  | { readonly name: 'file-failed'; readonly workerIndex: number; readonly code: string }
  /** A queue whose worker is no more was emptied and is gone. */
  | { readonly name: 'adopted-emptied'; readonly workerIndex: number }
  | {
      readonly name: 'enqueued';
      readonly reference: string;
      readonly recipientCount: number;
      readonly sizeBytes: number;
    }
  | { readonly name: 'refused'; readonly reason: EnqueueRefusal }
  | {
      readonly name: 'message-unreadable';
      /** As operators name it. */
      readonly message: QueueMessageId;
      readonly reference: string;
      readonly reason: UnreadableReason;
      readonly code: string | undefined;
      /** No more attempts until an operator releases it. */
      readonly isHeld: boolean;
    }
  /** One transaction with one destination, or its lack of one. */
  | {
      readonly name: 'attempted';
      readonly reference: string;
      readonly destination: string;
      readonly kind: DestinationKind | 'none';
      readonly counts: Readonly<Record<AttemptOutcome, number>>;
      /** Of the first recipient that has not got it. */
      readonly detail: string | undefined;
      readonly remote: string;
    }
  /** A recipient that will not get it. */
  | {
      readonly name: 'failed';
      readonly reference: string;
      readonly recipient: string;
      readonly code: number;
      readonly enhanced: string;
      readonly detail: string;
      readonly remote: string;
    }
  | {
      readonly name: 'notice-enqueued';
      readonly reference: string;
      readonly noticeReference: string;
      readonly kind: NoticeKind;
      readonly recipientCount: number;
    }
  | {
      readonly name: 'maybe-duplicated';
      readonly cause: DuplicateCause;
      readonly recipientCount: number;
      readonly reference: string | undefined;
    }
  | { readonly name: 'bug'; readonly error: unknown };

export type ReportQueueEvent = (event: QueueEvent) => void;
