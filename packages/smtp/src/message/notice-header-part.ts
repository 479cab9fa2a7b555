/**
 * The part of a notice that brings the header of the message back: text/rfc822-headers (RFC 6522
 * §4), or message/global-headers (RFC 6533 §6) if it is more than ASCII.
 */

/** Without the CRLF (RFC 5322 §2.1.1). */
const LINE_LENGTH = 998;
const BASE64_LINE_OCTETS = 57;

/** With its own header fields. */
export function formatHeaderPart(header: Uint8Array): string {
  const text = decode(header);
  const isAscii = !/[^\0-\x7f]/u.test(text);
  const isPlain = isAscii && text.split('\r\n').every((line) => line.length <= LINE_LENGTH);
  const type = isAscii ? 'text/rfc822-headers' : 'message/global-headers';
  const encoding = isPlain ? '7bit' : 'base64';
  const octets = isPlain ? text : toBase64Lines(Buffer.from(text, 'utf8'));
  return `Content-Type: ${type}\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n${octets}`;
}

/** Lines of 76 letters. */
export function toBase64Lines(octets: Buffer): string {
  const lines: string[] = [];
  for (let at = 0; at < octets.length; at += BASE64_LINE_OCTETS) {
    lines.push(octets.toString('base64', at, Math.min(at + BASE64_LINE_OCTETS, octets.length)));
  }
  return lines.map((line) => `${line}\r\n`).join('');
}

/** Octets that are no UTF-8 become question marks; lines end with CRLF and nothing else does. */
function decode(header: Uint8Array): string {
  const text = Buffer.from(header).toString('utf8').replaceAll('\u{fffd}', '?');
  const lines = text.split(/\r\n|\r|\n/u).map((line) => line.replaceAll('\0', '?'));
  return `${lines.join('\r\n').replace(/(?:\r\n)*$/u, '')}\r\n`;
}
