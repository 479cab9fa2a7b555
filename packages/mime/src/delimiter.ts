/** Recognises delimiter lines of multiparts (RFC 2046 §5.1.1). */

const DASH = 0x2d;

/** What a line means to the multiparts around it. */
export interface Delimiter {
  /** Index of the multipart in the list given. */
  readonly index: number;
  /** True for the delimiter behind the last part. */
  readonly isClosing: boolean;
}

/**
 * Boundaries longer than this (RFC 2046 allows 70) count as missing.
 */
export const maxBoundaryBytes = 1000;

/**
 * Looks whether a line's first octets, `octets` [from, to), are a delimiter of one of the
 * multiparts, outermost first. The longest boundary that fits is meant (one may be the start
 * of another); of equal ones the innermost.
 */
export function findDelimiter(
  octets: Buffer,
  from: number,
  to: number,
  multiparts: readonly { readonly boundary: Buffer | undefined }[],
): Delimiter | undefined {
  let best = -1;
  let bestLength = 0;
  for (let index = multiparts.length - 1; index >= 0; index--) {
    const boundary = multiparts[index]?.boundary;
    if (boundary === undefined || boundary.length <= bestLength) continue;
    if (!startsWith(octets, from + 2, to, boundary)) continue;
    if (!isDelimiterRest(octets, from + 2 + boundary.length, to)) continue;
    best = index;
    bestLength = boundary.length;
  }
  if (best === -1) return undefined;
  const rest = from + 2 + bestLength;
  return { index: best, isClosing: isClosingRest(octets, rest, to) };
}

function startsWith(octets: Buffer, from: number, to: number, boundary: Buffer): boolean {
  if (to - from < boundary.length) return false;
  for (let index = 0; index < boundary.length; index++) {
    if (octets[from + index] !== boundary[index]) return false;
  }
  return true;
}

function isClosingRest(octets: Buffer, rest: number, to: number): boolean {
  return to - rest >= 2 && octets[rest] === DASH && octets[rest + 1] === DASH;
}

/** Nothing, "--", or something that cannot belong to a boundary. */
function isDelimiterRest(octets: Buffer, rest: number, to: number): boolean {
  return rest >= to || isClosingRest(octets, rest, to) || !isBoundaryOctet(octets[rest] as number);
}

/** The bchars of RFC 2046 §5.1.1, space aside. */
function isBoundaryOctet(octet: number): boolean {
  return /[0-9A-Za-z'()+_,./:=?-]/.test(String.fromCharCode(octet));
}
