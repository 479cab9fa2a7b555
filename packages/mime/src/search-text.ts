/**
 * The text of a message as SEARCH compares it (RFC 3501 §6.4.4), for whoever looks for texts
 * and for whoever makes an index of them: both must see the same characters.
 */
import { isAscii } from 'node:buffer';
import { decodeEncodedWords } from './encoded-words.ts';
import { readFieldValue, viewAsBuffer, walkHeaderFields } from './header-fields.ts';
import type { MimePart } from './message-shape.ts';
import { findParameter } from './parameter-list.ts';
import { createTextExtractor } from './text-extractor.ts';
import { foldForSearch } from './text-folding.ts';

/**
 * In pieces of this size a body is read that does not lie in memory as a whole. Where octets
 * are not what their charset says, the text depends on it, so all readers keep to it.
 */
export const searchPieceBytes: number = 65_536;

/** Octets of one text part's body in, text in comparable form out. */
export interface FoldedTextReader {
  /** Takes the whole body, or pieces of `searchPieceBytes`. */
  push(octets: Uint8Array): string;
  /** What is left; call once. */
  finish(): string;
}

/** Prepares to read the body of a text part. */
export function createFoldedTextReader(part: MimePart): FoldedTextReader {
  const extractor = createTextExtractor(part);
  return {
    push: (octets) => foldForSearch(extractor.push(octets)),
    finish: () => foldForSearch(extractor.finish()),
  };
}

/** Reads the body of a text part that lies in memory. */
export function foldBody(part: MimePart, octets: Uint8Array): string {
  if (isPlain(part) && isAscii(octets)) {
    return viewAsBuffer(octets).toString('latin1').toUpperCase();
  }
  const reader = createFoldedTextReader(part);
  return reader.push(octets) + reader.finish();
}

/** A whole header, as TEXT and BODY look at it: one line for each field. */
export function foldHeader(octets: Uint8Array): string {
  const unfolded = viewAsBuffer(octets)
    .toString('latin1')
    .replaceAll(/\r?\n(?=[ \t])/g, '');
  return foldHeaderValue(unfolded);
}

/** One field's value as `readHeaderFields` gives it, as HEADER looks at it. */
export function foldHeaderValue(value: string): string {
  return foldForSearch(decodeEncodedWords(value));
}

/** Calls `visit` for each field, in order: its name in lower case and its unfolded value. */
export function visitHeaderFields(
  headerOctets: Uint8Array,
  visit: (name: string, value: string) => void,
): void {
  const header = viewAsBuffer(headerOctets);
  walkHeaderFields(header, (start, nameEnd, colon, end) => {
    if (colon === -1) return;
    const name = header.toString('latin1', start, nameEnd).toLowerCase();
    visit(name, readFieldValue(header, colon + 1, end));
  });
}

/** Not encoded, in a charset in which octets below 128 are ASCII and nothing else. */
const PLAIN_ENCODING = /^(?:7bit|8bit|binary)$/i;
const PLAIN_CHARSET = /^(?:us-ascii|utf-8|iso-8859-\d+|windows-125\d|koi8-[ru])$/i;

/** Most mail is plain, and then needs a third of the work. */
function isPlain(part: MimePart): boolean {
  if (!PLAIN_ENCODING.test(part.encoding)) return false;
  return PLAIN_CHARSET.test(findParameter(part.parameters, 'charset') ?? 'us-ascii');
}
