/** The trace field that each server adds (RFC 5321 §4.4, RFC 3848 for the names of protocols). */
import { formatDateTime } from './date-time.ts';

export interface ReceivedFacts {
  /** What the client called itself; not believed. */
  readonly clientName: string;
  /** Undefined: it is not told (a person's address at home is nobody's business). */
  readonly clientAddress: string | undefined;
  readonly serverName: string;
  /** RFC 3848: S for TLS, A for a login. RFC 6531 §4.3: UTF8. */
  readonly protocol:
    | 'ESMTP'
    | 'ESMTPS'
    | 'ESMTPA'
    | 'ESMTPSA'
    | 'UTF8SMTPSA'
    | 'UTF8SMTPA'
    | 'LMTP'
    | 'LMTPS';
  /** By which an operator finds the message in the log. */
  readonly id: string;
  readonly atMs: number;
}

/** The field with its CRLF, folded. */
export function formatReceived(facts: ReceivedFacts): string {
  const { clientName, clientAddress, serverName, protocol, id, atMs } = facts;
  const client = clientAddress === undefined ? '' : ` (${literalOf(clientAddress)})`;
  return (
    `Received: from ${clean(clientName)}${client}\r\n` +
    `\tby ${clean(serverName)} with ${protocol} id ${clean(id)};\r\n` +
    `\t${formatDateTime(atMs)}\r\n`
  );
}

/** RFC 5321 §4.1.3. */
function literalOf(address: string): string {
  return address.includes(':') ? `[IPv6:${address}]` : `[${address}]`;
}

/** Whatever a client says must not begin a field of its own, nor a comment. */
function clean(text: string): string {
  return text.replaceAll(/[^ -~]|["();\\]/gu, '?');
}
