/** The part of a notice that programs read: message/delivery-status (RFC 3464 §2). */
import type { DeliveryNoticeFacts, NoticeRecipient } from './notice-facts.ts';
import { formatDateTime } from './date-time.ts';

/** RFC 6533 §3: what needs no escape in an address of type utf-8. */
const ESCAPED = /[^!-*,-<>-[\]-~]/gu;

/** With its own header fields. */
export function formatStatusPart(facts: DeliveryNoticeFacts): string {
  const { arrivedMs, envelopeId, recipients, reportingMta } = facts;
  const message = [
    envelopeId === undefined ? '' : `Original-Envelope-Id: ${toAscii(envelopeId)}\r\n`,
    `Reporting-MTA: dns; ${toAscii(reportingMta)}\r\n`,
    `Arrival-Date: ${formatDateTime(arrivedMs)}\r\n`,
  ].join('');
  const groups = [message, ...recipients.map(formatGroup)].join('\r\n');
  return `Content-Type: message/delivery-status\r\n\r\n${groups}`;
}

function formatGroup(recipient: NoticeRecipient): string {
  const { action, address, code, enhanced, lastAttemptMs, originalRecipient, remote, text } =
    recipient;
  return [
    originalRecipient === undefined
      ? ''
      : `Original-Recipient: ${formatAddress(originalRecipient.type, originalRecipient.address)}\r\n`,
    `Final-Recipient: ${formatAddress('rfc822', address)}\r\n`,
    `Action: ${action}\r\n`,
    `Status: ${enhanced}\r\n`,
    remote === '' ? '' : `Remote-MTA: dns; ${toAscii(remote)}\r\n`,
    code === 0 ? '' : `Diagnostic-Code: smtp; ${code} ${enhanced} ${toAscii(text)}\r\n`,
    `Last-Attempt-Date: ${formatDateTime(lastAttemptMs)}\r\n`,
    formatUntil(recipient.retryUntilMs),
  ].join('');
}

function formatUntil(retryUntilMs: number | undefined): string {
  return retryUntilMs === undefined ? '' : `Will-Retry-Until: ${formatDateTime(retryUntilMs)}\r\n`;
}

function formatAddress(type: string, address: string): string {
  if (!/[^ -~]/u.test(address)) return `${type}; ${address}`;
  const escaped = address.replaceAll(ESCAPED, (character) => {
    const hex = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(2, '0');
    return `\\x{${hex}}`;
  });
  return `utf-8; ${escaped}`;
}

function toAscii(text: string): string {
  return text.replaceAll(/[^ -~]/gu, '?');
}
