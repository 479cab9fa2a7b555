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
 * @returns A whole line; undefined where there is nothing to say. LOGIN is never said: who logs in proves it.
 */
export function formatXclient(
  { address, port, connectedAddress, connectedPort, sessionId, hopsLeft }: Partial<ClientFacts>,
  clientName: string | undefined,
  wanted: readonly string[],
): string | undefined {
  const isTold = address !== undefined;
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['ADDR', formatAddress(address)],
    ['PORT', format(port)],
    // Nobody has asked the domain name system for it.
    ['NAME', isTold ? '[UNAVAILABLE]' : undefined],
    ['PROTO', isTold ? 'ESMTP' : undefined],
    ['DESTADDR', formatAddress(connectedAddress)],
    ['DESTPORT', format(connectedPort)],
    ['SESSION', sessionId],
    ['TTL', format(hopsLeft)],
    ['HELO', isTold ? clientName : undefined],
  ];
  let command = 'XCLIENT';
  for (const [name, value] of facts) {
    if (value === undefined || !wanted.includes(name)) continue;
    const longer = `${command} ${name}=${encodeXtext(value)}`;
    if (longer.length <= COMMAND_LIMIT) command = longer;
  }
  return command === 'XCLIENT' ? undefined : `${command}\r\n`;
}

function format(value: number | undefined): string | undefined {
  return value === undefined ? undefined : String(value);
}

/** As in address literals (RFC 5321 §4.1.3). */
function formatAddress(address: string | undefined): string | undefined {
  if (address === undefined) return undefined;
  return address.includes(':') ? `IPV6:${address}` : address;
}
