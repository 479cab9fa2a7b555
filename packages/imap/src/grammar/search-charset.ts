/**
 * Character sets that SEARCH may name (RFC 3501 §6.4.4, RFC 2978): a closed list of what every
 * Node can decode, so that an unknown one is refused with BADCHARSET and not searched wrongly.
 */

const NUMBERED: readonly string[] = [2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16].map(
  (part) => `ISO-8859-${part}`,
);
const WINDOWS: readonly string[] = [0, 1, 2, 3, 4, 5, 6, 7, 8].map((page) => `WINDOWS-125${page}`);

/** In capitals. */
const SEARCH_CHARSETS: ReadonlySet<string> = new Set([
  'US-ASCII',
  'UTF-8',
  'ISO-8859-1',
  ...NUMBERED,
  ...WINDOWS,
  'KOI8-R',
  'KOI8-U',
  'BIG5',
  'GB2312',
  'GBK',
  'GB18030',
  'SHIFT_JIS',
  'EUC-JP',
  'ISO-2022-JP',
  'EUC-KR',
]);

/** What a BADCHARSET answer offers (RFC 3501 §7.1); all others are for old programs. */
export const OFFERED_CHARSETS: readonly string[] = ['US-ASCII', 'UTF-8'];

/** @param name In capitals. */
export function isSearchCharset(name: string): boolean {
  return SEARCH_CHARSETS.has(name);
}

/**
 * Decodes a search text. US-ASCII (also by default) is read as UTF-8: programs that forget
 * CHARSET send that. Octets that are no text become U+FFFD, which nothing matches.
 *
 * @param charset As in the command: one that `isSearchCharset`, or undefined.
 */
export function decodeSearchText(text: Uint8Array, charset: string | undefined): string {
  const label = charset === undefined || charset === 'US-ASCII' ? 'UTF-8' : charset;
  return new TextDecoder(label, { ignoreBOM: true }).decode(text);
}
