/**
 * Characters as grams are made of them. Folded Latin text has few (letters, digits, "some
 * accent", "some other letter", blanks, everything else); all others stand for themselves.
 *
 * What characters share a symbol is a matter of size alone: the same mapping applies to texts
 * and to what is sought, so a text that contains another still does.
 */

/** Symbols below this are Latin; those from this on are code points. */
export const LATIN_SYMBOLS = 40;
/** Between runs of text, and for halves of surrogate pairs: part of no gram. */
export const BREAK = -1;
/** Blanks and line ends; punctuation. Both may stand inside a gram, never at its ends. */
const BLANK = 0;
const PUNCTUATION = 1;
/** Symbols from this on begin and end grams. */
export const FIRST_SOLID = 2;
const FIRST_LETTER = 2;
const FIRST_DIGIT = 28;
const ACCENT = 38;
const OTHER_LETTER = 39;

/** Code units below this have their symbol in `latinSymbols`. */
export const LATIN_END = 0x370;

export const latinSymbols: Uint8Array = Uint8Array.from({ length: LATIN_END }, (_, unit) =>
  latinSymbol(unit),
);

function latinSymbol(unit: number): number {
  if (unit <= 0x20 || unit === 0x7f) return BLANK;
  if (unit >= 0x41 && unit <= 0x5a) return FIRST_LETTER + unit - 0x41;
  if (unit >= 0x61 && unit <= 0x7a) return FIRST_LETTER + unit - 0x61;
  if (unit >= 0x30 && unit <= 0x39) return FIRST_DIGIT + unit - 0x30;
  if (unit >= 0x300) return ACCENT;
  return unit >= 0xc0 ? OTHER_LETTER : PUNCTUATION;
}

/** @param codePoint From `LATIN_END` up. */
export function otherSymbol(codePoint: number): number {
  // Half of a pair: whoever seeks the other half, too, seeks another character.
  if (codePoint >= 0xd800 && codePoint <= 0xdfff) return BREAK;
  // General punctuation, and that of Chinese and Japanese.
  const isPunctuation = (codePoint & ~0x7f) === 0x2000 || (codePoint & ~0x3f) === 0x3000;
  return isPunctuation ? PUNCTUATION : codePoint;
}

/**
 * True for scripts that have an alphabet, so that it takes three characters to tell words
 * apart; Chinese characters, emoji and the like do so by twos.
 */
export function isAlphabetic(symbol: number): boolean {
  if (symbol < 0x2e80) return true;
  return (symbol >= 0x3040 && symbol < 0x3100) || (symbol >= 0xa000 && symbol < 0x10000);
}

/** How seldom a Latin symbol is in mail, roughly: enough to choose among grams. */
export const latinRarity: Uint8Array = Uint8Array.from({ length: LATIN_SYMBOLS }, (_, symbol) => {
  if (symbol < FIRST_SOLID) return 0;
  const rank = 'ETAOINSRHLDCUMPFGWYBVKXJQZ'.indexOf(String.fromCharCode(0x41 + symbol - 2));
  return rank === -1 ? 16 : rank;
});
