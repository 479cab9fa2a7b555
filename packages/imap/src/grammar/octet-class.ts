/**
 * Classes of octets in IMAP's grammar (RFC 3501 §9) as one table of bits, so that a scan is one
 * look-up for each octet and no regular expression runs over what a stranger sent.
 */

/** ATOM-CHAR: printable ASCII but `(){ %*"\]`. */
export const ATOM = 1;
/** ASTRING-CHAR: ATOM-CHAR and `]`. */
export const ASTRING = 2;
/** list-char: ASTRING-CHAR and the wildcards. */
export const LIST = 4;
/** tag: ASTRING-CHAR but `+`. */
export const TAG = 8;
/** Letters, digits and `.-_`: the words of the grammar itself, such as `BODY.PEEK`. */
export const KEYWORD = 16;
export const DIGIT = 32;
/**
 * What a quoted string holds unescaped. Deviation: RFC 3501 §9 QUOTED-CHAR allows ASCII only,
 * but clients quote 8-bit passwords and UTF-8 mailbox names, which RFC 6855 §3 later allowed.
 */
export const QUOTED = 64;

const ATOM_SPECIALS = '(){ %*"\\]';
const table: Uint8Array = new Uint8Array(256);
for (let code = 1; code < 256; code += 1) table[code] = classesOf(code);

function classesOf(code: number): number {
  const character = String.fromCharCode(code);
  const isPrintable = code > 0x20 && code < 0x7f;
  const isAtom = isPrintable && !ATOM_SPECIALS.includes(character);
  const isAstring = isAtom || character === ']';
  let classes = 0;
  if (isAtom) classes |= ATOM;
  if (isAstring) classes |= ASTRING;
  if (isAstring || character === '%' || character === '*') classes |= LIST;
  if (isAstring && character !== '+') classes |= TAG;
  if (/[A-Za-z0-9._-]/.test(character)) classes |= KEYWORD;
  if (/[0-9]/.test(character)) classes |= DIGIT;
  if (!'"\\\r\n'.includes(character)) classes |= QUOTED;
  return classes;
}

/**
 * Runs over the octets of `text` (Latin-1) that belong to one of `classes`.
 * @returns The offset of the first that does not; the text's length if all do.
 */
export function skipClass(text: string, from: number, classes: number): number {
  let at = from;
  while (((table[text.charCodeAt(at)] ?? 0) & classes) !== 0) at += 1;
  return at;
}

/** @returns Whether all octets of a non-empty `text` belong to one of `classes`. */
export function isOfClass(text: string, classes: number): boolean {
  return text.length > 0 && skipClass(text, 0, classes) === text.length;
}

/** @returns Whether `text` may be written as an atom. */
export function isAtom(text: string): boolean {
  return isOfClass(text, ATOM);
}
