/**
 * SASLprep (RFC 4013), by which one password typed on different systems becomes the same octets:
 * a profile of stringprep (RFC 3454) that maps spaces, drops invisible characters, normalises
 * with NFKC and refuses what no password should hold.
 *
 * Done: mapping (RFC 4013 §2.1), NFKC (§2.2), prohibited output (§2.3).
 * Deviation: NFKC is of the Unicode version that Node has, not of 3.2, so that scripts younger
 * than 2002 can be used; unassigned code points (§2.5) are therefore not refused either.
 * Gap: the bidirectional check (§2.4) is not made; a string that it would refuse is prepared.
 */

/** RFC 3454 table C.1.2, except U+0020 itself. */
const OTHER_SPACE = /[\u00A0\u1680\u2000-\u200B\u202F\u205F\u3000]/gu;
/** RFC 3454 table B.1. */
const MAPPED_TO_NOTHING =
  /\u00AD|\u034F|\u1806|\u180B|\u180C|\u180D|\u200C|\u200D|\u2060|[\uFE00-\uFE0F]|\uFEFF/gu;
/**
 * RFC 3454 tables C.1.2 to C.9: spaces, controls, private use, non-characters, surrogates, what
 * is unfit for plain text or canonical forms, changes of display, tags.
 */
const PROHIBITED =
  /[\u00A0\u1680\u2000-\u200F\u2028-\u202F\u205F-\u2063\u206A-\u206F\u3000\p{Cc}\p{Co}\p{Cs}\p{Noncharacter_Code_Point}\u06DD\u070F\u180E\uFEFF\uFFF9-\uFFFD\u{1D173}-\u{1D17A}\u2FF0-\u2FFB\u{E0001}\u{E0020}-\u{E007F}]|\u0340|\u0341/u;
const PRINTABLE_ASCII = /^[ -~]*$/;

/** The prepared string; undefined if it holds what is prohibited. */
export function prepareSaslString(text: string): string | undefined {
  if (PRINTABLE_ASCII.test(text)) return text;
  const mapped = text.replace(OTHER_SPACE, ' ').replace(MAPPED_TO_NOTHING, '').normalize('NFKC');
  return PROHIBITED.test(mapped) ? undefined : mapped;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * A password's octets as they are hashed: prepared if they are UTF-8 that SASLprep takes, else
 * as they are (as PostgreSQL does: a password in some other charset must work, too).
 */
export function preparePassword(octets: Uint8Array): Uint8Array {
  let text: string;
  try {
    text = utf8.decode(octets);
  } catch {
    return octets;
  }
  const prepared = prepareSaslString(text);
  return prepared === undefined ? octets : Buffer.from(prepared);
}
