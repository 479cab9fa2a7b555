/** ENVELOPE (RFC 3501 §7.4.2, §9 envelope), encoded words untouched. */
import type { Envelope, EnvelopeAddress } from '@homeward/mime';
import { formatNString } from './strings.ts';

/** `("date" "subject" ((…)) … "message-id")` as Latin-1. */
export function formatEnvelope(envelope: Envelope): string {
  const fields = [
    formatNString(envelope.date),
    formatNString(envelope.subject),
    formatAddresses(envelope.from),
    formatAddresses(envelope.sender),
    formatAddresses(envelope.replyTo),
    formatAddresses(envelope.to),
    formatAddresses(envelope.cc),
    formatAddresses(envelope.bcc),
    formatNString(envelope.inReplyTo),
    formatNString(envelope.messageId),
  ];
  return `(${fields.join(' ')})`;
}

/** `1*address` without blanks in between, or NIL. */
function formatAddresses(addresses: readonly EnvelopeAddress[]): string {
  if (addresses.length === 0) return 'NIL';
  return `(${addresses.map(formatAddress).join('')})`;
}

function formatAddress(address: EnvelopeAddress): string {
  const { name, route, mailbox, host } = address;
  return `(${[name, route, mailbox, host].map(formatNString).join(' ')})`;
}
