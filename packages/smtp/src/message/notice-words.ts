/** The part of a notice that people read. */
import type { DeliveryNoticeFacts, DeliveryNoticeKind, NoticeRecipient } from './notice-facts.ts';
import { formatDateTime } from './date-time.ts';
import { toBase64Lines } from './notice-header-part.ts';

const INTRODUCTIONS: Readonly<Record<DeliveryNoticeKind, string>> = {
  failed: 'The message that you sent could not be delivered to these recipients:',
  delayed:
    'The message that you sent has not been delivered to these recipients yet. You need not\r\nsend it again: it is tried until the time that is given below.',
  delivered: 'The message that you sent was delivered, or passed on, to these recipients:',
};

/** With its own header fields. */
export function formatNoticeWords(facts: DeliveryNoticeFacts): string {
  const recipients = facts.recipients.map(formatRecipient).join('');
  const text =
    `${INTRODUCTIONS[facts.kind]}\r\n\r\n${recipients}` +
    `If you ask your postmaster about it, say what this message was called here:\r\n` +
    `${facts.reference} at ${facts.reportingMta}\r\n`;
  const isAscii = !/[^\0-\x7f]/u.test(text);
  return (
    `Content-Type: text/plain; charset=utf-8\r\n` +
    `Content-Transfer-Encoding: ${isAscii ? '7bit' : 'base64'}\r\n\r\n` +
    (isAscii ? text : toBase64Lines(Buffer.from(text, 'utf8')))
  );
}

function formatRecipient(recipient: NoticeRecipient): string {
  const { action, address, code, enhanced, remote, retryUntilMs, text } = recipient;
  const until = retryUntilMs === undefined ? '' : `  until ${formatDateTime(retryUntilMs)}\r\n`;
  if (action === 'delivered') return `  ${address}\r\n\r\n`;
  if (action === 'relayed') return `  ${address}\r\n  passed on to ${remote}\r\n\r\n`;
  const who = remote === '' ? '' : `${remote} said: `;
  return `  ${address}\r\n  ${who}${code} ${enhanced} ${text}\r\n${until}\r\n`;
}
