/**
 * One message to all its recipients, in one pass: into mailboxes of this worker at once, and
 * durably; to the rest by the queue. What a mailbox here does not take now goes into the queue as
 * well, which tries again, or tells the sender: unless who has sent it is answered for each
 * recipient, as by LMTP, and does so himself.
 */
import {
  enqueueRefusalReply,
  type QueuedEnvelope,
  type QueueIntake,
  type RequestedRecipient,
  type SpooledMessage,
} from '@homeward/mail-queue';
import type { Refusal } from '@homeward/smtp/session';
import { MAILBOX_AWAY } from './delivery-refusals.ts';
import type { LocalDelivery, LocalRecipient } from './local-delivery.ts';
import { mapBounded } from './map-bounded.ts';

/** Mailboxes that are written at once; each holds at most 128 KB of the message. */
const AT_ONCE_COUNT = 16;

/** One recipient and what is known of him. */
export interface Addressee {
  readonly requested: RequestedRecipient;
  /** Undefined: his mailbox is not at this worker. */
  readonly local: LocalRecipient | undefined;
  /** What his mailbox does not take now is tried again from here; else whoever sent it does so. */
  readonly isQueued: boolean;
}

export interface DistributionParts {
  readonly local: Pick<LocalDelivery, 'deliver'>;
  readonly enqueue: QueueIntake['enqueue'];
  /** A bug, or a disk that fails. */
  readonly onFault: (error: unknown) => void;
}

export interface Distributed {
  /** By addressee: why the message is not accepted for him. */
  readonly refusals: readonly (Refusal | undefined)[];
  readonly deliveredCount: number;
  readonly queuedCount: number;
}

/** Ends `message`. */
export async function distribute(
  message: SpooledMessage,
  envelope: Omit<QueuedEnvelope, 'recipients'>,
  addressees: readonly Addressee[],
  parts: DistributionParts,
): Promise<Distributed> {
  const { sender } = envelope;
  const outcomes = await mapBounded(addressees, AT_ONCE_COUNT, async (addressee) => {
    const { local } = addressee;
    const isForQueue = local === undefined || isSuccessToBeTold(addressee, sender);
    return isForQueue ? 'away' : deliverHere(local, sender, message, parts);
  });
  const left = addressees.filter(
    ({ isQueued }, index) => outcomes[index] !== undefined && isQueued,
  );
  const deliveredCount = outcomes.filter((outcome) => outcome === undefined).length;
  const direct = outcomes.map((outcome, index) =>
    outcome === 'away' || addressees[index]?.isQueued === true ? undefined : outcome,
  );
  if (left.length === 0) {
    await message.discard();
    return { refusals: direct, deliveredCount, queuedCount: 0 };
  }
  const recipients = left.map(({ requested }) => requested);
  const queued = await parts.enqueue(message, { ...envelope, recipients });
  const refusal = queued === 'queued' ? undefined : enqueueRefusalReply(queued);
  return {
    refusals: direct.map((one, index) =>
      outcomes[index] === undefined || one !== undefined ? one : refusal,
    ),
    deliveredCount,
    queuedCount: queued === 'queued' ? left.length : 0,
  };
}

/** RFC 3461 §4.1: of what the queue delivers, a moment later, it tells the sender as well. */
function isSuccessToBeTold({ requested, isQueued }: Addressee, sender: string): boolean {
  return isQueued && sender !== '' && requested.parameters.notify?.includes('SUCCESS') === true;
}

/** A mailbox that fails keeps nobody else from his mail. */
async function deliverHere(
  recipient: LocalRecipient,
  sender: string,
  message: SpooledMessage,
  { local, onFault }: DistributionParts,
): Promise<Refusal | undefined> {
  try {
    return await local.deliver(recipient, sender, message);
  } catch (error) {
    onFault(error);
    return MAILBOX_AWAY;
  }
}
