/** Builds an ENVELOPE (RFC 3501 §7.4.2, RFC 9051 §7.5.2) from header values. */
import { parseAddressList } from './address-list.ts';
import type { HeaderValues } from './header-values.ts';
import type { Envelope, EnvelopeAddress } from './message-shape.ts';

/**
 * Missing text fields are undefined, empty ones empty strings; missing and empty address
 * fields are empty lists, and `sender` and `replyTo` then are those of `from`.
 */
export function buildEnvelope(values: HeaderValues, maxAddresses: number): Envelope {
  const read = (name: string): readonly EnvelopeAddress[] =>
    parseAddressList(values.get(name) ?? '', maxAddresses);
  const from = read('from');
  const sender = read('sender');
  const replyTo = read('reply-to');
  return {
    date: values.get('date'),
    subject: values.get('subject'),
    from,
    sender: sender.length > 0 ? sender : from,
    replyTo: replyTo.length > 0 ? replyTo : from,
    to: read('to'),
    cc: read('cc'),
    bcc: read('bcc'),
    inReplyTo: values.get('in-reply-to'),
    messageId: values.get('message-id'),
  };
}
