/**
 * The collation of SORT and THREAD (RFC 5256 §7, RFC 5255 §4): i;unicode-casemap, which compares
 * the octets of UTF-8 after folding, that is, code points (RFC 5051 §2).
 *
 * Deviation: folding is that of SEARCH (`foldForSearch`), with full case mappings: "ß" and "SS"
 * collate as equal, where RFC 5051 keeps them apart. One notion of "the same text" for both is
 * worth more to people than the letter.
 */
import { createHash } from 'node:crypto';
import { foldForSearch } from '@homeward/mime';

/** Characters of a key that are kept; behind them only whether two texts are equal counts. */
export const maxKeyLength = 480;

/**
 * @returns The text folded, and bounded: longer ones end in a digest of the whole, so that
 *   different texts stay different.
 */
export function foldKey(text: string): string {
  const folded = foldForSearch(text);
  if (folded.length <= maxKeyLength) return folded;
  const digest = createHash('sha256').update(folded).digest('base64url').slice(0, 20);
  return folded.slice(0, maxKeyLength).replace(/[\ud800-\udbff]$/, '') + digest;
}

const highUnit = /[\ud800-\uffff]/;

/**
 * Makes a folded text comparable by `<`: JavaScript compares UTF-16 units, by which characters
 * beyond U+FFFF sort before U+E000 to U+FFFF; here the two ranges change places.
 */
export function orderKey(folded: string): string {
  if (!highUnit.test(folded)) return folded;
  let key = '';
  for (let at = 0; at < folded.length; at += 1) {
    const unit = folded.charCodeAt(at);
    const shift = unit < 0xd800 ? 0 : unit < 0xe000 ? 0x2000 : -0x800;
    key += String.fromCharCode(unit + shift);
  }
  return key;
}
