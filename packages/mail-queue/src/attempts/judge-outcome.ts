/** What becomes of a recipient after an attempt: pure, but for the chance in the next pause. */
import type { QueueSettings } from '../queue-settings.ts';
import type { DeliveryOutcome, Destination } from '../ports.ts';
import type { Settlement } from '../storage/change-rows.ts';
import type { LastReply, QueuedMessage, QueuedRecipient } from '../storage/queued-message.ts';
import { isNoticeWanted } from './notify-choice.ts';
import { retryDelayMs } from './retry-delay.ts';

export interface JudgedFacts {
  readonly message: Pick<QueuedMessage, 'sender' | 'queuedMs'>;
  readonly recipient: Pick<QueuedRecipient, 'parameters' | 'attemptCount'>;
  /** Undefined: nobody knows where it is to go. */
  readonly destination: { readonly key: string; readonly kind: Destination['kind'] } | undefined;
  readonly nowMs: number;
  /** From 0 to below 1. */
  readonly random: number;
  readonly settings: Pick<QueueSettings, 'expiryMs' | 'retryMaxMs'>;
}

/** Characters of what the other side says that are kept. */
const TEXT_LENGTH = 500;
const REMOTE_LENGTH = 255;

export function judgeOutcome(outcome: DeliveryOutcome, facts: JudgedFacts): Settlement {
  const { message, recipient, nowMs } = facts;
  const { code, enhanced, text, remote } = outcome;
  const reply: LastReply = { atMs: nowMs, code, enhanced, text, remote };
  const isWanted = (occasion: 'SUCCESS' | 'FAILURE'): boolean =>
    isNoticeWanted(message.sender, recipient.parameters, occasion);
  switch (outcome.kind) {
    case 'delivered':
    case 'relayed': {
      const isTold = isWanted('SUCCESS') && outcome.isNotifyPassedOn !== true;
      return isTold ? { kind: 'finish', state: outcome.kind, reply } : { kind: 'forget' };
    }
    case 'failed':
      return isWanted('FAILURE') ? { kind: 'finish', state: 'failed', reply } : { kind: 'forget' };
    case 'deferred':
      return judgeDeferral(reply, facts, isWanted('FAILURE'));
  }
}

/** True if the message is given back rather than tried again. */
export function isExpired(
  { queuedMs }: Pick<QueuedMessage, 'queuedMs'>,
  nowMs: number,
  { expiryMs }: Pick<QueueSettings, 'expiryMs'>,
): boolean {
  return nowMs >= queuedMs + expiryMs;
}

function judgeDeferral(reply: LastReply, facts: JudgedFacts, isFailureTold: boolean): Settlement {
  const { message, recipient, destination, nowMs, random, settings } = facts;
  if (isExpired(message, nowMs, settings)) {
    if (!isFailureTold) return { kind: 'forget' };
    // RFC 3463 §3.5: 4.4.7, delivery time expired; with 5 in front it is for good.
    return { kind: 'finish', state: 'failed', reply: { ...reply, enhanced: '5.4.7' } };
  }
  const kind = destination?.kind ?? 'worker';
  const delayMs = retryDelayMs(kind, recipient.attemptCount + 1, settings.retryMaxMs, random);
  // The last attempt comes when its time is over, not up to a pause later.
  const dueMs = Math.min(nowMs + delayMs, message.queuedMs + settings.expiryMs);
  return { kind: 'wait', dueMs, destination: destination?.key, reply };
}

/** What others say goes into rows, notices and logs: one printable line of bounded length. */
export function cleanOutcome(outcome: DeliveryOutcome): DeliveryOutcome {
  const { text, remote } = outcome;
  return { ...outcome, text: clean(text, TEXT_LENGTH), remote: clean(remote, REMOTE_LENGTH) };
}

function clean(text: string, length: number): string {
  return text
    .replaceAll(/[\p{Cc}\p{Cs}\p{Cf}\u2028\u2029]+/gu, ' ')
    .trim()
    .slice(0, length);
}
