/**
 * The text of a message as SEARCH compares it (RFC 3501 §6.4.4), for whoever looks for texts
 * and for whoever makes an index of them: both must see the same characters.
 */
import { isAscii, isUtf8 } from 'node:buffer';
import { decodeCharset } from './charset.ts';
import { decodeEncodedWords } from './encoded-words.ts';
import { readFieldValue, viewAsBuffer, walkHeaderFields } from './header-fields.ts';
import type { MimePart } from './message-shape.ts';
import { findParameter } from './parameter-list.ts';
import { createTextExtractor } from './text-extractor.ts';
import { foldForSearch } from './text-folding.ts';
import { decodeTransferEncoding } from './transfer-decoder.ts';

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

/** Reads the body of a text part that lies in memory, as a reader given the whole would. */
export function foldBody(part: MimePart, octets: Uint8Array): string {
  const charset = findParameter(part.parameters, 'charset') ?? 'us-ascii';
  if (PLAIN_CHARSET.test(charset)) {
    const isEncoded = !PLAIN_ENCODING.test(part.encoding);
    const decoded = isEncoded ? decodeTransferEncoding(octets, part.encoding) : octets;
    const body = viewAsBuffer(decoded);
    if (isAscii(body)) return body.toString('latin1').toUpperCase();
    // US-ASCII that is none is a guess, and only UTF-8 is guessed alike for whole and pieces.
    if (!/^us-ascii$/i.test(charset) || isUtf8(body)) return foldByLines(body, charset);
  }
  const reader = createFoldedTextReader(part);
  return reader.push(octets) + reader.finish();
}

/** Octets that are looked at together: some lines. */
const LINES_BYTES = 512;
const LF = 0x0a;

/**
 * Most text is ASCII but for a few lines, and ASCII needs a fifth of the work. Nothing reaches
 * across a line end: no character of a plain charset, no accent, no change of case.
 */
function foldByLines(body: Buffer, charset: string): string {
  let folded = '';
  /** From here on it is not folded yet. */
  let open = 0;
  for (let start = 0; start < body.length;) {
    // Pieces begin with their line end, so that none begins with what looks like a BOM.
    const lineEnd = body.indexOf(LF, start + LINES_BYTES);
    const end = lineEnd === -1 ? body.length : lineEnd;
    const lines = body.subarray(start, end);
    if (isAscii(lines)) {
      if (open < start) folded += foldForSearch(decodeCharset(body.subarray(open, start), charset));
      folded += lines.toString('latin1').toUpperCase();
      open = end;
    }
    start = end;
  }
  if (open === body.length) return folded;
  return folded + foldForSearch(decodeCharset(body.subarray(open), charset));
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

const PLAIN_ENCODING = /^(?:7bit|8bit|binary)$/i;
/** Charsets in which octets below 128 are ASCII and nothing else, wherever they stand. */
const PLAIN_CHARSET =
  /^(?:us-ascii|utf-8|iso-8859-(?:1[013-6]?|[2-9])|windows-125[0-8]|koi8-[ru])$/i;
