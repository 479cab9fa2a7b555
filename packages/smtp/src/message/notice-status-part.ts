/** The part of a notice that programs read: message/delivery-status (RFC 3464 §2). */
import type { DeliveryNoticeFacts, NoticeRecipient } from './notice-facts.ts';
import { formatDateTime } from './date-time.ts';

/** RFC 5322 §2.1.1, without CRLF. */
const LINE_LENGTH = 998;
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
    formatOriginal(originalRecipient),
    formatField('Final-Recipient', formatAddress('rfc822', address)),
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

/**
 * Left out where no line has room for it, since the field may be missing (RFC 3464 §2.3.1) and a
 * part of an address is somebody else's: an ORCPT of 500 characters may need 5,000 octets here.
 */
function formatOriginal(original: NoticeRecipient['originalRecipient']): string {
  if (original === undefined) return '';
  const value = formatAddress(original.type, original.address);
  // Behind the blank that begins a folded line.
  const isTooLong = value.slice(value.indexOf(' ') + 1).length >= LINE_LENGTH;
  return isTooLong ? '' : formatField('Original-Recipient', value);
}

/** Folded behind the type where it would be too long a line (RFC 5322 §2.2.3). */
function formatField(name: string, value: string): string {
  const line = `${name}: ${value}`;
  return `${line.length > LINE_LENGTH ? line.replace('; ', ';\r\n ') : line}\r\n`;
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
