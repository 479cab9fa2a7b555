/**
 * XCLIENT, by which Postfix and Dovecot are told who the client is
 * (https://www.postfix.org/XCLIENT_README.html). They believe it of addresses that they are
 * configured to believe, and say to those alone which attributes they take.
 */
import type { ClientFacts } from '@homeward/sasl';
import { encodeXtext } from '../grammar/xtext.ts';

/** Of the whole command (RFC 5321 §4.5.3.1.4), without its CRLF. */
const COMMAND_LIMIT = 510;

/**
 * @param wanted Attributes that the server takes.
 * @param clientName What the client calls itself.
 * @returns A whole line. LOGIN is never said: who logs in proves it.
 */
export function formatXclient(
  { address, port, connectedAddress, connectedPort, sessionId, hopsLeft }: ClientFacts,
  clientName: string | undefined,
  wanted: readonly string[],
): string {
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['ADDR', formatAddress(address)],
    ['PORT', String(port)],
    // Nobody has asked the domain name system for it.
    ['NAME', '[UNAVAILABLE]'],
    ['PROTO', 'ESMTP'],
    ['DESTADDR', formatAddress(connectedAddress)],
    ['DESTPORT', String(connectedPort)],
    ['SESSION', sessionId],
    ['TTL', String(hopsLeft)],
    ['HELO', clientName],
  ];
  let command = 'XCLIENT';
  for (const [name, value] of facts) {
    if (value === undefined || !wanted.includes(name)) continue;
    const longer = `${command} ${name}=${encodeXtext(value)}`;
    if (longer.length <= COMMAND_LIMIT) command = longer;
  }
  return `${command}\r\n`;
}

/** As in address literals (RFC 5321 §4.1.3). */
function formatAddress(address: string): string {
  return address.includes(':') ? `IPV6:${address}` : address;
}
