/**
 * Character sets that SEARCH may name (RFC 3501 §6.4.4, RFC 2978): all that mime can decode, so
 * that an unknown one is refused with BADCHARSET and not searched wrongly.
 */
import { decodeCharset, isKnownCharset } from '@homeward/mime';

/** What a BADCHARSET answer offers (RFC 3501 §7.1); all others are for old programs. */
export const OFFERED_CHARSETS: readonly string[] = ['US-ASCII', 'UTF-8'];

/** @param name In any case. */
export function isSearchCharset(name: string): boolean {
  return isKnownCharset(name);
}

/**
 * Decodes a search text. US-ASCII (also by default) is read as UTF-8: programs that forget
 * CHARSET send that. Octets that are no text become U+FFFD, which nothing matches.
 *
 * @param charset As in the command: one that `isSearchCharset`, or undefined.
 */
export function decodeSearchText(text: Uint8Array, charset: string | undefined): string {
  const isUtf8 = charset === undefined || charset === 'US-ASCII' || charset === 'UTF-8';
  if (!isUtf8) return decodeCharset(text, charset);
  return new TextDecoder('UTF-8', { ignoreBOM: true }).decode(text);
}
