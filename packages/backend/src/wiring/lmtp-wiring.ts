/** Mail from front ends and other workers. */
import { randomBytes } from 'node:crypto';
import { liveView } from '@homeward/service';
import type { Refusal } from '@homeward/smtp/session';
import { NO_RELAY, NOT_HERE } from '../delivery/delivery-refusals.ts';
import { LmtpPort } from '../lmtp/lmtp-port.ts';
import type { LmtpParts } from '../lmtp/serve-lmtp.ts';
import { countRecipients, countSmtpEvents } from '../metrics/connection-counts.ts';
import { breathe } from './breathe.ts';
import { type IntakeParts, logFault, sharedParts } from './intake-parts.ts';

const REFERENCE_BYTES = 12;
/** Of one message from a front end, which cuts those of more. */
const LMTP_RECIPIENTS = 10_000;

export function createLmtp(parts: IntakeParts): LmtpParts {
  const { settings, delivery, serverName, clock, log, metrics } = parts;
  const count = countSmtpEvents(metrics, 'lmtp');
  const countTaken = countRecipients(metrics, 'lmtp');
  const refuseElsewhere = (): Refusal => NO_RELAY;
  const refuseAway = (): Promise<Refusal> => Promise.resolve(NOT_HERE);
  return {
    createPort: () =>
      new LmtpPort({
        ...sharedParts(parts),
        recipients: { ...delivery, isQueued: false, refuseAway, refuseElsewhere },
        makeReference: () => randomBytes(REFERENCE_BYTES).toString('base64url'),
        onTaken(message) {
          countTaken(message);
          log.log('message.taken', { protocol: 'lmtp', ...message });
        },
      }),
    serverName,
    limits: liveView(() => ({
      messageBytes: settings().limits.messageBytes,
      recipientLimit: LMTP_RECIPIENTS,
    })),
    breathe,
    elapsedMs: () => clock.elapsedMs(),
    observe(event) {
      count(event);
      logFault(log, event);
    },
    onEnded: (peerAddress, reason, durationMs) =>
      log.log('lmtp.ended', { peerAddress, reason, durationMs: Math.round(durationMs) }),
    onFault: (error) => log.log('delivery.failed', { error }),
  };
}
