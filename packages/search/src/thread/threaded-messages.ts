/** What the threading algorithms look at: the messages of one THREAD, column by column. */
import { sentSecondsOf, type SortableMessage } from '../sorter.ts';

/** A message to be threaded. */
export type ThreadableMessage = Pick<SortableMessage, 'facts' | 'internalDateMs'>;

/** Messages in mailbox order, numbered from 0. */
export class ThreadedMessages {
  /** 0 for a message without a valid Message-ID. */
  readonly messageIds: number[] = [];
  /** References of all messages, one after the other; `referenceEnds` says where each ends. */
  readonly references: number[] = [];
  readonly referenceEnds: number[] = [];
  /** Folded base subjects. */
  readonly subjects: string[] = [];
  readonly isReplyOrForward: boolean[] = [];
  readonly sentSeconds: number[] = [];
  readonly arrivalSeconds: number[] = [];

  get count(): number {
    return this.messageIds.length;
  }

  add(message: ThreadableMessage): void {
    const { facts, internalDateMs } = message;
    this.messageIds.push(facts?.messageId ?? 0);
    for (const id of facts?.references ?? []) this.references.push(id);
    this.referenceEnds.push(this.references.length);
    this.subjects.push(facts?.subject ?? '');
    this.isReplyOrForward.push(facts?.isReplyOrForward ?? false);
    this.sentSeconds.push(sentSecondsOf(message));
    this.arrivalSeconds.push(Math.floor(internalDateMs / 1000));
  }
}
