/** Values with parameters (Content-Type, Content-Disposition) in ASCII, by RFC 2231. */
import { parseParameterizedValue } from '../parameter-list.ts';
import type { Parameter } from '../parameter-list.ts';

const ASCII = /^[ -~]*$/;
const TOKEN = /^[^\s()<>@,;:\\"/[\]?=]+$/;
/** RFC 2231 §7 attribute-char. */
const NEEDS_PERCENT = /[^A-Za-z0-9!#$&+.^_`{|}~-]/g;
/** Characters of a value on one line. */
const PIECE_CHARACTERS = 60;

/**
 * @param value An unfolded field value, one character for each octet (Latin-1).
 * @returns ASCII, a parameter on each line; undefined if even the value itself is not ASCII.
 */
export function formatSurrogateParameters(value: string): string | undefined {
  const parsed = parseParameterizedValue(value);
  if (!ASCII.test(parsed.value)) return undefined;
  const parameters = parsed.parameters.flatMap(formatParameter);
  return [parsed.value, ...parameters].join(';\r\n ');
}

function formatParameter([name, value]: Parameter): readonly string[] {
  if (!ASCII.test(name)) return [];
  if (ASCII.test(value)) return [`${name}=${TOKEN.test(value) ? value : quote(value)}`];
  // Already said to be encoded (name*), but not in ASCII: nobody can tell what is meant.
  if (name.includes('*')) return [];
  const encoded = Array.from(Buffer.from(value, 'latin1').toString(), percentEncode);
  const pieces = joinUpTo(encoded, PIECE_CHARACTERS);
  if (pieces.length === 1) return [`${name}*=utf-8''${pieces[0] ?? ''}`];
  // RFC 2231 §4.1: the charset stands in the first piece alone.
  return pieces.map((piece, at) => `${name}*${at}*=${at === 0 ? "utf-8''" : ''}${piece}`);
}

function quote(value: string): string {
  return `"${value.replaceAll(/["\\]/g, '\\$&')}"`;
}

function percentEncode(character: string): string {
  const octets = Buffer.from(character).toString('latin1');
  return octets.replaceAll(
    NEEDS_PERCENT,
    (octet) => `%${octet.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}

/** Joins without splitting any of them; at least one piece. */
function joinUpTo(texts: readonly string[], limit: number): readonly string[] {
  const pieces: string[] = [];
  let piece = '';
  for (const text of texts) {
    if (piece !== '' && piece.length + text.length > limit) {
      pieces.push(piece);
      piece = '';
    }
    piece += text;
  }
  return [...pieces, piece];
}
