/**
 * Comparison of text for SEARCH, in the manner of i;unicode-casemap (RFC 5051).
 *
 * Deviation: RFC 5051 §2 maps to simple titlecase, then decomposes. Here text is decomposed
 * (NFKD) and put in upper case with full mappings, as the platform has them: both keep accents
 * distinct and ignore case and compatibility forms, but here "ß" also finds "SS" and the
 * ligature "ﬁ" also finds "FI". Whatever RFC 5051 finds for letters with one-to-one case
 * mappings is found.
 */

/** @returns A form in which texts that count as equal are equal, and substrings substrings. */
export function foldForSearch(text: string): string {
  if (!/[^\0-\x7f]/.test(text)) return text.toUpperCase();
  return text.normalize('NFKD').toUpperCase().normalize('NFKD');
}

/** @param foldedNeedle What `foldForSearch` made of the text sought; empty is found anywhere. */
export function containsFolded(text: string, foldedNeedle: string): boolean {
  return foldForSearch(text).includes(foldedNeedle);
}

/** Looks for a text in a stream of text, keeping only as much as the needle is long. */
export interface FoldedSearch {
  /** @returns True once the needle was met, now or before. */
  push(text: string): boolean;
}

/**
 * Searches pieces as if they were one text. A character and its combining accents should come
 * in one piece; split ones may be missed, never the rest.
 */
export function createFoldedSearch(foldedNeedle: string): FoldedSearch {
  let isFound = foldedNeedle === '';
  let tail = '';
  return {
    push(text) {
      if (isFound || text === '') return isFound;
      const window = tail + foldForSearch(text);
      isFound = window.includes(foldedNeedle);
      tail = foldedNeedle.length > 1 ? window.slice(1 - foldedNeedle.length) : '';
      return isFound;
    },
  };
}
