/**
 * The literal marker at the end of a line: `{42}`, `{42+}` (RFC 7888 §3) or `~{42}` (RFC 3516
 * §4.4). IMAP and ManageSieve (RFC 5804 §4) write it alike; which forms are welcome is theirs to
 * say.
 */

const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const PLUS = 0x2b;
const TILDE = 0x7e;
const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;
/** RFC 9051 §9 number64 has 19 digits at most; 15 keep it an exact JavaScript number. */
const DIGITS_LIMIT = 15;

/** What a line's end announces. */
export interface LiteralMarker {
  /** Where the marker begins in the line, the tilde included. */
  readonly start: number;
  readonly sizeBytes: number;
  /** The sender waits for an invitation. */
  readonly isSynchronizing: boolean;
  /** `~{…}`: may hold NUL. */
  readonly isBinary: boolean;
}

/**
 * Looks for a marker at the very end of a line (its CRLF removed).
 *
 * @returns The marker; undefined if the line does not end like one; 'bad' if it ends like one
 *   but has no sensible number.
 */
export function findLiteralMarker(line: Uint8Array): LiteralMarker | 'bad' | undefined {
  let end = line.length - 1;
  if (line[end] !== CLOSE_BRACE) return undefined;
  end -= 1;
  const isSynchronizing = line[end] !== PLUS;
  if (!isSynchronizing) end -= 1;
  let at = end;
  let sizeBytes = 0;
  let scale = 1;
  for (let octet = line[at]; octet !== undefined && isDigit(octet); octet = line[at]) {
    if (end - at >= DIGITS_LIMIT) return 'bad';
    sizeBytes += (octet - DIGIT_0) * scale;
    scale *= 10;
    at -= 1;
  }
  if (line[at] !== OPEN_BRACE) return undefined;
  if (at === end) return 'bad';
  const isBinary = line[at - 1] === TILDE;
  return { start: isBinary ? at - 1 : at, sizeBytes, isSynchronizing, isBinary };
}

function isDigit(octet: number): boolean {
  return octet >= DIGIT_0 && octet <= DIGIT_9;
}
