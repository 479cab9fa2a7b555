/** Text as encoded words (RFC 2047 §2): for readers that know ASCII headers alone. */

/** RFC 2047 §2: of a word, and of a line that holds one. */
const WORD_CHARACTERS = 75;
const LINE_CHARACTERS = 76;
const PREFIX = '=?utf-8?B?';
const SUFFIX = '?=';
/** A word shorter than this is not worth its frame: the line is folded instead. */
const LEAST_OCTETS = 12;

/**
 * @param text What is to be read; a line, any characters.
 * @param column Where on its line the first word will stand.
 * @returns ASCII, folded by CRLF and a blank.
 */
export function encodeWords(text: string, column: number): string {
  const octets = Buffer.from(text.replaceAll(/\p{Cc}/gu, ' '));
  const words: string[] = [];
  let from = 0;
  let room = roomAt(column);
  if (room < LEAST_OCTETS) {
    words.push('');
    room = roomAt(1);
  }
  while (from < octets.length) {
    const to = findCharacterEnd(octets, from + room);
    words.push(`${PREFIX}${octets.toString('base64', from, to)}${SUFFIX}`);
    from = to;
    room = roomAt(1);
  }
  return words.join('\r\n ');
}

/** @returns How many octets fit into one word there. */
function roomAt(column: number): number {
  const characters = Math.min(WORD_CHARACTERS, LINE_CHARACTERS - column);
  return Math.max(0, Math.floor((characters - PREFIX.length - SUFFIX.length) / 4) * 3);
}

/** RFC 2047 §5: a character is not split between words. */
function findCharacterEnd(octets: Buffer, limit: number): number {
  if (limit >= octets.length) return octets.length;
  let end = limit;
  while (((octets[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return end;
}
