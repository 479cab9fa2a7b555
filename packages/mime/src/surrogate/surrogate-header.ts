/**
 * A header in UTF-8 (RFC 6532) as one in ASCII, for a reader that has not said that it takes
 * UTF-8: the surrogate that RFC 6855 §7 speaks of, for IMAP and POP3 alike (RFC 6856 §2.1).
 *
 * Fields that are ASCII stay as they are, octet for octet. Of others, free text becomes encoded
 * words (RFC 2047), addresses and parameters keep what can be kept, and what cannot be said in
 * ASCII is left out, such as an identifier or a signature.
 *
 * Deviation: a field that is not ASCII and no UTF-8 either stays as it is. Before RFC 2047 was
 * known everywhere, mail was written so in the charset of its country; readers guess it, and no
 * encoded word could say more.
 */
import { isAscii, isUtf8 } from 'node:buffer';
import { decodeEncodedWords } from '../encoded-words.ts';
import { readFieldValue, viewAsBuffer, walkHeaderFields } from '../header-fields.ts';
import { encodeWords } from './encode-words.ts';
import { formatSurrogateAddresses } from './surrogate-addresses.ts';
import { formatSurrogateParameters } from './surrogate-parameters.ts';

const ADDRESS_FIELD =
  /^(?:(?:resent-)?(?:from|sender|to|cc|bcc|reply-to)|disposition-notification-to|errors-to|mail-(?:followup|reply)-to)$/;
const PARAMETER_FIELD = /^content-(?:type|disposition)$/;
/** Fields whose value has a syntax that encoded words would break. */
const STRUCTURED_FIELD =
  /^(?:(?:resent-)?(?:date|message-id)|in-reply-to|references|received|return-path|mime-version|content-(?:transfer-encoding|id|md5|language|location)|(?:arc|dkim|authentication|received-spf|domainkey)(?:-.*)?|list-.*|auto-submitted)$/;

/**
 * @param header A header block; its empty line may be there or not.
 * @returns The argument itself if it is ASCII.
 */
export function formatSurrogateHeader(header: Uint8Array): Buffer {
  const octets = viewAsBuffer(header);
  if (isAscii(octets)) return octets;
  const pieces: Buffer[] = [];
  const end = walkHeaderFields(octets, (start, nameEnd, colon, fieldEnd) => {
    const field = octets.subarray(start, fieldEnd);
    if (isAscii(field) || !isUtf8(field)) {
      pieces.push(field);
    } else if (colon !== -1) {
      const name = octets.toString('latin1', start, nameEnd);
      const text = formatField(name, readFieldValue(octets, colon + 1, fieldEnd));
      if (text !== undefined) pieces.push(Buffer.from(`${text}\r\n`, 'latin1'));
    }
  });
  pieces.push(octets.subarray(end));
  return Buffer.concat(pieces);
}

/** @returns undefined if it cannot be said in ASCII. */
function formatField(name: string, value: string): string | undefined {
  const kind = name.toLowerCase();
  if (STRUCTURED_FIELD.test(kind)) return undefined;
  const column = name.length + 2;
  if (ADDRESS_FIELD.test(kind)) return `${name}: ${formatSurrogateAddresses(value, column)}`;
  if (PARAMETER_FIELD.test(kind)) {
    const text = formatSurrogateParameters(value);
    return text === undefined ? undefined : `${name}: ${text}`;
  }
  return `${name}: ${encodeWords(decodeEncodedWords(value), column)}`;
}
