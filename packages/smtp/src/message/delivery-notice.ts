/**
 * Notices about what became of a message (RFC 3461 §6): a report of three parts (RFC 6522) — words
 * for people, facts for programs (RFC 3464), and the header of the message. Of addresses that are
 * not ASCII the facts are written as RFC 6533 has it, so that all but the header `To` is ASCII.
 *
 * Gap: RET=FULL (RFC 3461 §4.3) brings the header alone: nothing of unbounded size is sent back.
 */
import type { DeliveryNoticeKind, DeliveryNoticeFacts } from './notice-facts.ts';
import { formatDateTime } from './date-time.ts';
import { formatHeaderPart } from './notice-header-part.ts';
import { formatNoticeWords } from './notice-words.ts';
import { formatStatusPart } from './notice-status-part.ts';

export interface DeliveryNotice {
  readonly octets: Buffer;
  /** Only SMTPUTF8 may carry it (RFC 6531 §3.4). */
  readonly isUtf8: boolean;
}

const SUBJECTS: Readonly<Record<DeliveryNoticeKind, string>> = {
  failed: 'Your message could not be delivered',
  delayed: 'Your message is delayed',
  delivered: 'Your message was delivered',
};

export function formatDeliveryNotice(facts: DeliveryNoticeFacts): DeliveryNotice {
  const boundary = `=_${facts.boundary}`;
  const parts = [formatNoticeWords(facts), formatStatusPart(facts), formatHeaderPart(facts.header)];
  const body = parts.map((part) => `--${boundary}\r\n${part}\r\n`).join('');
  const to = clean(facts.to);
  const text =
    `From: Mail Delivery <${clean(facts.from)}>\r\n` +
    `To: <${to}>\r\n` +
    `Subject: ${SUBJECTS[facts.kind]}\r\n` +
    `Date: ${formatDateTime(facts.nowMs)}\r\n` +
    `Message-ID: <${clean(facts.messageId)}>\r\n` +
    // RFC 3834 §5: no program answers it.
    'Auto-Submitted: auto-replied\r\n' +
    'MIME-Version: 1.0\r\n' +
    `Content-Type: multipart/report; report-type=delivery-status;\r\n\tboundary="${boundary}"\r\n` +
    `\r\n${body}--${boundary}--\r\n`;
  return { octets: Buffer.from(text, 'utf8'), isUtf8: /[^\0-\x7f]/u.test(to) };
}

/** Nothing that comes from outside begins a field of its own. */
function clean(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, '');
}
