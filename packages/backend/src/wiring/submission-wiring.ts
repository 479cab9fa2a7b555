/** Mail from people whose mailboxes are here. */
import type { AccountRecord } from '@homeward/directory';
import type { SpooledMessage } from '@homeward/mail-queue';
import type { Mailbox } from '@homeward/mailstore';
import { liveView } from '@homeward/service';
import type { MailPort, Refusal } from '@homeward/smtp/session';
import type { BackEndConfig } from '../config.ts';
import type { ProtocolService } from '../connection/protocol-service.ts';
import { createSubmissionService, type SenderMailbox } from '../connection/submission-service.ts';
import { NO_WAY_OUT } from '../delivery/delivery-refusals.ts';
import type { Login } from '../login/login.ts';
import { countRecipients, countSmtpEvents } from '../metrics/connection-counts.ts';
import { RateLimits } from '../submission/rate-limits.ts';
import { SubmissionPort } from '../submission/submission-port.ts';
import { breathe } from './breathe.ts';
import { type IntakeParts, logFault, sharedParts } from './intake-parts.ts';
import { loginOptionsOf } from './login-wiring.ts';
import type { MailboxParts } from './mailbox-wiring.ts';

/** What it is made of beside what LMTP has as well. */
export interface SubmissionParts
  extends IntakeParts, Pick<MailboxParts, 'openForLogin' | 'sentCopies'> {
  readonly config: BackEndConfig;
}

export function createSubmission(parts: SubmissionParts): ProtocolService<SenderMailbox> {
  const { settings, openForLogin: openMailbox, clock, log, metrics } = parts;
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
    login: () => ({
      ...loginOptionsOf(parts.config, 'submission', settings),
      offersStartTls: true,
    }),
    settings: () => settings().submission,
    limits: liveView(() => settings().limits),
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

/** Where the account, or else the setting, wants one; the message is sent whatever comes of it. */
async function saveCopy(
  { conversationId, accountId, access }: Login,
  mailbox: Mailbox,
  messageId: string,
  message: SpooledMessage,
  { settings, view, sentCopies, log }: SubmissionParts,
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
