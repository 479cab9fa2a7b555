/**
 * Walks the fields of a header block (RFC 5322 §2.2) and reads their values, folded or not.
 *
 * Lenient throughout: line ends may be bare LF, a name may be followed by white space, lines
 * without a colon are skipped with their continuations. The header ends at its empty line or
 * at the end of the octets.
 */

const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const TAB = 0x09;
const COLON = 0x3a;

/**
 * Called for each field: name is [start, nameEnd), value begins behind `colon`, `end` is behind
 * the field's last line end. A line without a name has `colon` -1.
 */
export type FieldVisitor = (start: number, nameEnd: number, colon: number, end: number) => void;

/** @returns A Buffer over the same octets, for its native searches. */
export function viewAsBuffer(octets: Uint8Array): Buffer {
  return Buffer.isBuffer(octets)
    ? octets
    : Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
}

/** Finds the end of a field name that starts at `start`; -1 unless a colon follows it. */
export function findNameEnd(header: Buffer, start: number, end: number): number {
  let position = start;
  while (position < end) {
    const octet = header[position] as number;
    if (octet <= SPACE || octet === COLON || octet >= 0x7f) break;
    position++;
  }
  if (position === start) return -1;
  return findColon(header, position, end) === -1 ? -1 : position;
}

function findColon(header: Buffer, nameEnd: number, end: number): number {
  let position = nameEnd;
  while (position < end && (header[position] === SPACE || header[position] === TAB)) position++;
  return position < end && header[position] === COLON ? position : -1;
}

function findLineEnd(header: Buffer, from: number): number {
  const lineFeed = header.indexOf(LF, from);
  return lineFeed === -1 ? header.length : lineFeed + 1;
}

function isEmptyLineAt(header: Buffer, position: number): boolean {
  const octet = header[position];
  return octet === LF || (octet === CR && header[position + 1] === LF);
}

/**
 * Visits all fields in order.
 * @returns Where the empty line starts; the header's length if it has none.
 */
export function walkHeaderFields(header: Buffer, visit: FieldVisitor): number {
  let start = 0;
  while (start < header.length && !isEmptyLineAt(header, start)) {
    let end = findLineEnd(header, start);
    while (end < header.length && (header[end] === SPACE || header[end] === TAB)) {
      end = findLineEnd(header, end);
    }
    const nameEnd = findNameEnd(header, start, end);
    if (nameEnd === -1) visit(start, start, -1, end);
    else visit(start, nameEnd, findColon(header, nameEnd, end), end);
    start = end;
  }
  return start;
}

/**
 * Reads a field's value: Latin-1 view, unfolded (RFC 5322 §2.2.3: line ends removed, white
 * space kept), trimmed. Stray CR and NUL become spaces, so that the value is always one line.
 */
export function readFieldValue(header: Buffer, from: number, end: number): string {
  return unfoldValue(header.toString('latin1', from, end));
}

/** The same of what lies behind a field's colon, as a Latin-1 view. */
export function unfoldValue(raw: string): string {
  let first = 0;
  let last = raw.length;
  while (last > first && isBlank(raw.charCodeAt(last - 1))) last--;
  while (first < last && isBlank(raw.charCodeAt(first))) first++;
  const value = raw.slice(first, last);
  return /[\r\n\0]/.test(value) ? value.replaceAll(/\r?\n/g, '').replaceAll(/[\r\0]/g, ' ') : value;
}

function isBlank(octet: number): boolean {
  return octet === SPACE || octet === TAB || octet === LF || octet === CR || octet === 0;
}
