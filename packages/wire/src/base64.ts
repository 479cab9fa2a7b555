/**
 * Base64 as RFC 4648 §4 and §5 define it, and nothing more: Node's own decoder skips what it
 * does not know, which RFC 4648 §3.3 forbids where a protocol does not ask for it (RFC 5034 §4
 * and RFC 4954 §4 forbid it again).
 */
import { viewAsBuffer } from './buffer-view.ts';

/** Why octets were not taken as base64. */
export type Base64Problem = 'not-base64' | 'too-long';

export type Base64Result =
  | { readonly ok: true; readonly octets: Buffer }
  | { readonly ok: false; readonly reason: Base64Problem };

/**
 * Decodes base64 with its padding. Only the one canonical spelling is taken: no line ends, no
 * blanks, no missing padding, no set bits behind the last octet (RFC 4648 §3.5).
 *
 * @param limitBytes Bound of the decoded size; checked before anything is decoded.
 */
export function decodeBase64(text: string | Uint8Array, limitBytes: number): Base64Result {
  if (text.length > Math.ceil(limitBytes / 3) * 4) return { ok: false, reason: 'too-long' };
  if (text.length % 4 !== 0) return { ok: false, reason: 'not-base64' };
  return decodeCanonical(text, 'base64', limitBytes);
}

/** Decodes base64url without padding (RFC 4648 §5, RFC 7515 §2); as strict as `decodeBase64`. */
export function decodeBase64Url(text: string | Uint8Array, limitBytes: number): Base64Result {
  if (text.length > Math.ceil((limitBytes * 4) / 3)) return { ok: false, reason: 'too-long' };
  return decodeCanonical(text, 'base64url', limitBytes);
}

function decodeCanonical(
  text: string | Uint8Array,
  encoding: 'base64' | 'base64url',
  limitBytes: number,
): Base64Result {
  const given = typeof text === 'string' ? text : viewAsBuffer(text).toString('latin1');
  const octets = Buffer.from(given, encoding);
  // Encoding again is native and catches every deviation from the canonical spelling at once.
  if (octets.toString(encoding) !== given) return { ok: false, reason: 'not-base64' };
  if (octets.length > limitBytes) return { ok: false, reason: 'too-long' };
  return { ok: true, octets };
}

/** Encodes as base64 with padding, without line ends. */
export function encodeBase64(octets: Uint8Array | string): string {
  const bytes = typeof octets === 'string' ? Buffer.from(octets, 'utf8') : viewAsBuffer(octets);
  return bytes.toString('base64');
}

const ALPHABET = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/');
const PADDING = 0x3d;

/** The same as octets, for secrets: what is never a string can be overwritten. */
export function encodeBase64Octets(octets: Uint8Array): Buffer {
  const encoded = Buffer.alloc(Math.ceil(octets.length / 3) * 4, PADDING);
  for (let from = 0, to = 0; from < octets.length; from += 3, to += 4) {
    const second = octets[from + 1];
    const third = octets[from + 2];
    const bits = ((octets[from] ?? 0) << 16) | ((second ?? 0) << 8) | (third ?? 0);
    encoded[to] = ALPHABET[bits >> 18] ?? 0;
    encoded[to + 1] = ALPHABET[(bits >> 12) & 63] ?? 0;
    if (second !== undefined) encoded[to + 2] = ALPHABET[(bits >> 6) & 63] ?? 0;
    if (third !== undefined) encoded[to + 3] = ALPHABET[bits & 63] ?? 0;
  }
  return encoded;
}
