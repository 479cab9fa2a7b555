/**
 * Strings in responses (RFC 3501 §4.3, §9 string, nstring). Whatever they hold, nothing that
 * is formatted here can end a line early: what a quoted string cannot hold goes into a literal,
 * whose size is counted.
 *
 * Strings are octets, one character each (Latin-1). A character beyond U+00FF is a caller's
 * mistake and becomes "?", since its low octet could be a CR or LF.
 */
import { ATOM, isOfClass } from '../octet-class.ts';

/** Printable ASCII without what must be escaped. */
const PLAIN = /^[ !#-[\]-~]*$/;
const PRINTABLE = /^[ -~]*$/;
/** Octets of UTF-8 text without control characters. */
const UTF8_QUOTABLE = /^[ -~\x80-\xff]+$/;
/** NUL is in no string (RFC 3501 §9 CHAR8), not even in a literal. */
const UNSENDABLE = /[^\x01-\xff]/g;
/** Long values go as literals: clients have line buffers (RFC 2683 §3.2.1.5). */
const LONGEST_QUOTED = 1000;

/** Formats a string: quoted where it is safe, else a literal. */
export function formatString(octets: string): string {
  if (octets.length <= LONGEST_QUOTED) {
    if (PLAIN.test(octets)) return `"${octets}"`;
    if (PRINTABLE.test(octets)) return `"${octets.replaceAll(/["\\]/g, '\\$&')}"`;
  }
  const sendable = octets.replaceAll(UNSENDABLE, '?');
  return `{${sendable.length}}\r\n${sendable}`;
}

/** The same, NIL for undefined. */
export function formatNString(octets: string | undefined): string {
  return octets === undefined ? 'NIL' : formatString(octets);
}

/** Formats an astring: an atom where it can be one. */
export function formatAstring(octets: string): string {
  return isOfClass(octets, ATOM) && octets.toUpperCase() !== 'NIL' ? octets : formatString(octets);
}

/**
 * Formats text as an astring for a client that has enabled UTF-8 (RFC 6855 §3): quoted in
 * whatever script it is.
 */
export function formatUtf8Astring(text: string): string {
  const octets = Buffer.from(text, 'utf8').toString('latin1');
  if (octets.length > LONGEST_QUOTED || !UTF8_QUOTABLE.test(octets)) return formatAstring(octets);
  if (isOfClass(octets, ATOM)) return formatAstring(octets);
  return `"${octets.replaceAll(/["\\]/g, '\\$&')}"`;
}
