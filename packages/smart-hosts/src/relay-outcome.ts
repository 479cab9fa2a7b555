/** What a smart host's answer, or its failure, means for a recipient in the queue. */
import type { DeliveryOutcome } from '@homeward/mail-queue';
import type { EnhancedCode } from '@homeward/smtp/grammar';
import type { Answer } from './answer.ts';
import type { HostFailure } from './host-failure.ts';
import { isAboutUs } from './nodemailer-errors.ts';

/** @param remote The host's name. */
export function outcomeOf(
  answer: Answer,
  remote: string,
  isNotifyPassedOn: boolean,
): DeliveryOutcome {
  const { code } = answer;
  if (code < 400) return { kind: 'relayed', ...answer, remote, isNotifyPassedOn };
  if (code < 500) return { kind: 'deferred', ...answer, remote };
  if (!isAboutUs(answer)) return { kind: 'failed', ...answer, remote };
  return { kind: 'deferred', code: 454, enhanced: '4.7.0', text: answer.text, remote };
}

export function outcomeOfFailure(failure: HostFailure, remote: string): DeliveryOutcome {
  const { reason, message } = failure;
  const isOurs = reason === 'login' || reason === 'tls';
  const mayHaveArrived = reason === 'lost-after-content';
  return {
    kind: 'deferred',
    code: isOurs ? 454 : 451,
    enhanced: isOurs ? '4.7.0' : '4.4.1',
    text: `smart host ${reason}: ${message}`,
    remote,
    ...(mayHaveArrived ? { mayHaveArrived } : { isDestinationAway: true }),
  };
}

/** Without a host that would have said it. */
export function ownOutcome(
  kind: 'deferred' | 'failed',
  code: number,
  enhanced: EnhancedCode,
  text: string,
): DeliveryOutcome {
  return { kind, code, enhanced, text, remote: '' };
}
