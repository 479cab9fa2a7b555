/** Joins the two ways on which mail comes in with what delivers it: submission and LMTP. */
import { randomBytes } from 'node:crypto';
import type { AccountRecord, DirectoryView } from '@homeward/directory';
import type { QueueIntake, SpooledMessage } from '@homeward/mail-queue';
import type { Mailbox } from '@homeward/mailstore';
import { liveView, type Clock, type Logger, type Metrics } from '@homeward/service';
import type { MailPort, Refusal, SessionEvent } from '@homeward/smtp/session';
import {
  createSubmissionService,
  type SenderMailbox,
  type SubmissionServiceParts,
} from './connection/submission-service.ts';
import type { ProtocolService } from './connection/protocol-service.ts';
import type { Delivery } from './delivery/create-delivery.ts';
import { NOT_HERE } from './delivery/delivery-refusals.ts';
import type { DistributionParts } from './delivery/distribution.ts';
import { LmtpPort } from './lmtp/lmtp-port.ts';
import type { LmtpParts } from './lmtp/serve-lmtp.ts';
import type { BackEndLogEvents } from './log-events.ts';
import type { Login } from './login/login.ts';
import type { BackEndMetrics } from './metrics/back-end-metrics.ts';
import { countRecipients, countSmtpEvents } from './metrics/connection-counts.ts';
import type { BackEndSettings } from './settings.ts';
import { RateLimits } from './submission/rate-limits.ts';
import type { SentCopies } from './submission/sent-copies.ts';
import { SubmissionPort } from './submission/submission-port.ts';

const REFERENCE_BYTES = 12;
/** Of one message from a front end, which cuts those of more. */
const LMTP_RECIPIENTS = 10_000;
const NO_RELAY: Refusal = {
  code: 550,
  enhanced: '5.7.1',
  text: 'Nobody of that domain has a mailbox here',
};
const NO_WAY_OUT: Refusal = {
  code: 550,
  enhanced: '5.4.4',
  text: 'There is no way to that address from here',
};

export interface IntakeParts {
  /** Those in force. */
  readonly settings: () => BackEndSettings;
  readonly loginOptions: SubmissionServiceParts['login'];
  readonly openMailbox: SubmissionServiceParts['openMailbox'];
  readonly delivery: Delivery;
  readonly queue: QueueIntake;
  /** What this server calls itself. */
  readonly serverName: () => string;
  readonly view: Pick<DirectoryView, 'findAccount' | 'getSite'>;
  readonly sentCopies: SentCopies;
  readonly breathe: () => Promise<void>;
  readonly clock: Clock;
  readonly log: Logger<BackEndLogEvents>;
  readonly metrics: Metrics<BackEndMetrics>;
}

/** Mail from people whose mailboxes are here. */
export function createSubmission(parts: IntakeParts): ProtocolService<SenderMailbox> {
  const { settings, openMailbox, breathe, clock, log, metrics } = parts;
  const elapsedMs = (): number => clock.elapsedMs();
  const count = countSmtpEvents(metrics, 'submission');
  const countTaken = countRecipients(metrics, 'submission');
  const rates = new RateLimits(() => settings().submission, elapsedMs);
  const refuseElsewhere = (): Refusal | undefined =>
    settings().relay.smartHosts.length === 0 ? NO_WAY_OUT : undefined;
  // At a site of other software a mailbox is reached as what is elsewhere.
  const refuseAway = async ({ home }: AccountRecord): Promise<Refusal | undefined> => {
    const found = await parts.view.getSite(home);
    const isForeign = found.kind === 'found' && found.site.foreign !== undefined;
    return isForeign ? refuseElsewhere() : undefined;
  };
  const createPort = (login: Login, mailbox: Mailbox, isEncrypted: boolean): MailPort =>
    new SubmissionPort({
      ...sharedParts(parts),
      login,
      // A front end says what the client's own leg is; ours says nothing of it.
      isEncrypted: login.secret === undefined ? login.clientTls !== undefined : isEncrypted,
      rates,
      findAccount: (id) => parts.view.findAccount(id),
      recipients: { ...parts.delivery, isQueued: true, refuseAway, refuseElsewhere },
      saveCopy: (messageId, message) => saveCopy(login, mailbox, messageId, message, parts),
      onTaken(message) {
        countTaken(message);
        const { conversationId, accountId } = login;
        const about = { protocol: 'submission', conversationId, accountId };
        log.log('message.taken', { ...about, ...message });
      },
    });
  return createSubmissionService({
    login: parts.loginOptions,
    settings: () => settings().submission,
    openMailbox,
    breathe,
    elapsedMs,
    observe(event) {
      count(event);
      logFault(log, event);
    },
    createPort,
  });
}

/** Mail from front ends and other workers. */
export function createLmtp(parts: IntakeParts): LmtpParts {
  const { settings, delivery, serverName, breathe, clock, log, metrics } = parts;
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

/** What both have of a message that comes in. */
function sharedParts({ delivery, queue, serverName, clock, log }: IntakeParts): Delivery & {
  readonly openSpool: QueueIntake['openSpool'];
  readonly distribution: DistributionParts;
  readonly serverName: () => string;
  readonly nowMs: () => number;
} {
  return {
    ...delivery,
    openSpool: (sizeBytes) => queue.openSpool(sizeBytes),
    distribution: {
      local: delivery.local,
      enqueue: (message, envelope) => queue.enqueue(message, envelope),
      onFault: (error) => log.log('delivery.failed', { error }),
    },
    serverName,
    nowMs: () => clock.nowMs(),
  };
}

/** Where the account, or else the setting, wants one; the message is sent whatever comes of it. */
async function saveCopy(
  { conversationId, accountId, access }: Login,
  mailbox: Mailbox,
  messageId: string,
  message: SpooledMessage,
  { settings, view, sentCopies, log }: IntakeParts,
): Promise<void> {
  if (access !== 'full') return;
  try {
    const found = await view.findAccount(accountId);
    const own = found.kind === 'found' ? found.account.savesSentCopy : undefined;
    if (!(own ?? settings().submission.saveSentCopy)) return;
    if (await sentCopies.save(mailbox, messageId, message)) return;
    log.log('message.copy-failed', { conversationId, accountId });
  } catch (error) {
    log.log('message.copy-failed', { conversationId, accountId, error });
  }
}

function logFault(log: Logger<BackEndLogEvents>, event: SessionEvent): void {
  if (event.kind !== 'failed') return;
  log.log('session.failed', { command: event.command, error: event.error });
}
