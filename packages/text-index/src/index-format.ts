/**
 * Under which conditions two processes make the same grams of the same message. A file made
 * under other conditions must not be asked, and is made anew.
 */

/**
 * Raise it whenever the same message may give other grams: here, or in what `mime` reads as
 * its text. `index-format.test.ts` notices.
 */
export const FORMAT_VERSION = 1;

/** Folding and charsets come with the platform. */
export const indexFormat: string = [
  FORMAT_VERSION,
  `unicode ${process.versions['unicode'] ?? '?'}`,
  `icu ${process.versions['icu'] ?? '?'}`,
].join(', ');
