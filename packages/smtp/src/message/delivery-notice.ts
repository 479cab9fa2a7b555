/**
 * Notices about what became of a message (RFC 3461 §6): a report of three parts (RFC 6522) — words
 * for people, facts for programs (RFC 3464), and the header of the message. Of addresses that are
 * not ASCII the facts are written as RFC 6533 has it, so that all but the header `To` is ASCII.
 *
 * Gap: RET=FULL (RFC 3461 §4.3) brings the header alone: nothing of unbounded size is sent back.
 */
import { formatDateTime } from './date-time.ts';
import { formatHeaderPart } from './notice-header-part.ts';
import { formatNoticeWords } from './notice-words.ts';
import { formatStatusPart } from './notice-status-part.ts';

/** What a notice is of. */
export type DeliveryNoticeKind = 'failed' | 'delayed' | 'delivered';

/** One recipient of the message. */
export interface NoticeRecipient {
  readonly address: string;
  /** ORCPT; decoded. */
  readonly originalRecipient: { readonly type: string; readonly address: string } | undefined;
  /** RFC 3464 §2.3.3. */
  readonly action: 'failed' | 'delayed' | 'delivered' | 'relayed';
  /** RFC 3463; its class agrees with the action. */
  readonly enhanced: string;
  /** Of the last reply. */
  readonly code: number;
  readonly text: string;
  /** Who gave it; empty if nobody did. */
  readonly remote: string;
  readonly lastAttemptMs: number;
  /** Of what is delayed: when it is given up. */
  readonly retryUntilMs: number | undefined;
}

export interface DeliveryNoticeFacts {
  readonly kind: DeliveryNoticeKind;
  /** The name of who writes this. */
  readonly reportingMta: string;
  /** Address of who answers for it. */
  readonly from: string;
  /** The sender of the message. */
  readonly to: string;
  /** Without brackets. */
  readonly messageId: string;
  /** By which an operator finds the message that this is about. */
  readonly reference: string;
  /** Occurs in no part: unpredictable letters and digits. */
  readonly boundary: string;
  readonly nowMs: number;
  readonly arrivedMs: number;
  /** ENVID; decoded. */
  readonly envelopeId: string | undefined;
  readonly recipients: readonly NoticeRecipient[];
  /** Of the message, or as much of it as shall come back. */
  readonly header: Uint8Array;
}

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
