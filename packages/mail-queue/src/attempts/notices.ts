/**
 * Telling senders what became of their message: in one transaction the notice comes into the
 * queue, and those it is about leave it or are marked as told.
 */
import type { DeliveryNoticeKind, NoticeRecipient } from '@homeward/smtp/message';
import { formatDeliveryNotice } from '@homeward/smtp/message';
import { NO_MAIL_PARAMETERS, NO_RECIPIENT_PARAMETERS } from '@homeward/smtp/grammar';
import type { ReportQueueEvent } from '../events.ts';
import type { QueueClock } from '../ports.ts';
import type { QueueSettings } from '../queue-settings.ts';
import { type RemovedMessage, settleMessage, settleRecipient } from '../storage/change-rows.ts';
import { readOctets } from '../storage/message-octets.ts';
import type { LoadedMessage, QueueStore } from '../storage/open-queue-store.ts';
import type { QueuedMessage, QueuedRecipient } from '../storage/queued-message.ts';
import { isNoticeWanted } from './notify-choice.ts';
import { readHeader } from './read-header.ts';
import { untilWritten } from './until-written.ts';

/** Who notices are from. Asked for each time. */
export interface NoticeIdentity {
  /** A name, as in Received lines. */
  readonly reportingMta: string;
  /** An address of who answers for it. */
  readonly from: string;
}

export interface NoticeParts {
  readonly store: QueueStore;
  readonly clock: QueueClock;
  readonly settings: () => QueueSettings;
  readonly identity: () => NoticeIdentity;
  /** Unique and unpredictable; letters and digits. */
  readonly createReference: () => string;
  readonly report: ReportQueueEvent;
}

/** Of one message; a longer list makes several notices. */
const RECIPIENT_COUNT = 100;

interface PlannedNotice {
  readonly kind: DeliveryNoticeKind;
  readonly reference: string;
  readonly recipients: readonly QueuedRecipient[];
}

/**
 * Waits for room on a full volume.
 *
 * @returns Numbers of the notices; none if they cannot be written any more.
 */
export async function tellSender(
  id: number,
  parts: NoticeParts,
  signal: AbortSignal,
): Promise<readonly number[]> {
  const { store, clock, report } = parts;
  const loaded = store.load(id);
  if (loaded === undefined) return [];
  const planned = planNotices(loaded, parts);
  if (planned.length === 0) return [];
  const { message } = loaded;
  const header = await readHeader(
    readOctets(store.storage.files, () => store.findContent(message)),
  );
  const notices = planned.map((notice) => ({
    notice,
    ...formatNotice(notice, message, header, parts),
  }));
  const write = (): { numbers: number[]; removed: RemovedMessage | undefined } => {
    const numbers = notices.map(({ notice, octets, isUtf8 }) => {
      const { database } = store.storage;
      const number = store.insertNow({
        envelope: {
          reference: notice.reference,
          sender: '',
          parameters: { ...NO_MAIL_PARAMETERS, isUtf8 },
          recipients: [{ address: message.sender, parameters: NO_RECIPIENT_PARAMETERS }],
        },
        content: { octets },
        sizeBytes: octets.length,
        hopCount: 0,
        state: 'trying',
      });
      for (const one of notice.recipients) {
        if (notice.kind !== 'delayed') {
          settleRecipient(database, id, one.number, { kind: 'forget' }, clock.nowMs());
        } else {
          const sql = 'UPDATE recipient SET is_delay_told = 1 WHERE message_id = ? AND number = ?';
          database.statement(sql).run(id, one.number);
        }
      }
      return number;
    });
    return { numbers, removed: settleMessage(store.storage.database, id) };
  };
  const written = await untilWritten(() => store.writes.write(write), clock, signal);
  // The next opening of the queue finds that it is still to be told.
  if (written === undefined) return [];
  for (const { notice, octets } of notices) {
    store.noteInserted(octets.length);
    report({
      name: 'notice-enqueued',
      reference: message.reference,
      noticeReference: notice.reference,
      kind: notice.kind,
      recipientCount: notice.recipients.length,
    });
  }
  if (written.value.removed !== undefined) await store.noteRemoved([written.value.removed]);
  return written.value.numbers;
}

function planNotices(
  { message, recipients }: LoadedMessage,
  { clock, settings, createReference }: NoticeParts,
): readonly PlannedNotice[] {
  const { delayNoticeMs } = settings();
  const isLate = delayNoticeMs > 0 && clock.nowMs() >= message.queuedMs + delayNoticeMs;
  const byKind: Record<DeliveryNoticeKind, QueuedRecipient[]> = {
    failed: [],
    delayed: [],
    delivered: [],
  };
  for (const one of recipients) {
    if (one.state === 'failed') byKind.failed.push(one);
    else if (one.state === 'delivered' || one.state === 'relayed') byKind.delivered.push(one);
    else if (isLate && isDelayToBeTold(message, one)) byKind.delayed.push(one);
  }
  return (['failed', 'delayed', 'delivered'] as const).flatMap((kind) =>
    Array.from({ length: Math.ceil(byKind[kind].length / RECIPIENT_COUNT) }, (_, at) => ({
      kind,
      reference: createReference(),
      recipients: byKind[kind].slice(at * RECIPIENT_COUNT, (at + 1) * RECIPIENT_COUNT),
    })),
  );
}

/** Only of what was tried: there is something to say then. */
function isDelayToBeTold({ sender }: QueuedMessage, one: QueuedRecipient): boolean {
  if (one.isDelayTold || one.lastReply === undefined || one.state === 'trying') return false;
  return isNoticeWanted(sender, one.parameters, 'DELAY');
}

function formatNotice(
  { kind, reference, recipients }: PlannedNotice,
  message: QueuedMessage,
  header: Uint8Array,
  { clock, settings, identity, createReference }: NoticeParts,
): ReturnType<typeof formatDeliveryNotice> {
  const { reportingMta, from } = identity();
  const retryUntilMs = kind === 'delayed' ? message.queuedMs + settings().expiryMs : undefined;
  return formatDeliveryNotice({
    kind,
    reportingMta,
    from,
    to: message.sender,
    messageId: `${reference}@${reportingMta}`,
    reference: message.reference,
    boundary: createReference(),
    nowMs: clock.nowMs(),
    arrivedMs: message.queuedMs,
    envelopeId: message.parameters.envelopeId,
    header,
    recipients: recipients.map((one) => toNoticeRecipient(one, kind, retryUntilMs)),
  });
}

function toNoticeRecipient(
  { address, parameters, state, lastReply }: QueuedRecipient,
  kind: DeliveryNoticeKind,
  retryUntilMs: number | undefined,
): NoticeRecipient {
  const done = state === 'relayed' ? 'relayed' : 'delivered';
  return {
    address,
    originalRecipient: parameters.originalRecipient,
    action: kind === 'delivered' ? done : kind,
    enhanced: lastReply?.enhanced ?? '4.0.0',
    code: lastReply?.code ?? 0,
    text: lastReply?.text ?? '',
    remote: lastReply?.remote ?? '',
    lastAttemptMs: lastReply?.atMs ?? 0,
    retryUntilMs,
  };
}
