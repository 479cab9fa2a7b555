/**
 * Encoded words (RFC 2047, RFC 2231 §5) and 8-bit text in header values, decoded for people
 * and for SEARCH.
 *
 * Lenient: words inside quotes or other text, spaces inside words, missing padding, unknown
 * charsets; a character may be split between two words of one charset (Outlook, some Japanese
 * programs). What is no encoded word stays as it is.
 */
import { decodeCharset, decodeUnlabelled } from './charset.ts';
import { digitValue } from './quoted-printable-decoder.ts';
import { decodeTransferEncoding } from './transfer-decoder.ts';

interface EncodedWord {
  readonly charset: string;
  readonly octets: Uint8Array;
  /** Behind its last character. */
  readonly end: number;
}

/**
 * Decodes an unfolded header value, given as a Latin-1 view of its octets. Octets above 127
 * outside encoded words are read as UTF-8 where they are valid UTF-8 (RFC 6532), else as
 * windows-1252. White space between two encoded words goes (RFC 2047 §6.2).
 */
export function decodeEncodedWords(text: string): string {
  if (!text.includes('=?')) return decodeRaw(text);
  const reader = new WordReader(text);
  const result: string[] = [];
  let run: EncodedWord[] = [];
  let position = 0;
  for (let word = reader.next(0); word !== undefined; word = reader.next(position)) {
    const between = text.slice(position, word.start);
    if (run.length === 0 || !/^[ \t]*$/.test(between)) {
      result.push(decodeRun(run), decodeRaw(between));
      run = [];
    }
    run.push(word);
    position = word.end;
  }
  result.push(decodeRun(run), decodeRaw(text.slice(position)));
  return result.join('');
}

const wordStartPattern = /=\?([^?\s*]{1,60})(?:\*[^?\s]{0,20})?\?([bBqQ])\?/y;

/** Finds encoded words one after the other, looking at each character a bounded number of times. */
class WordReader {
  readonly #text: string;
  /** The first "?=" at or behind the place looked at last; -1 before that. */
  #terminator = -1;

  constructor(text: string) {
    this.#text = text;
  }

  /** @returns The first encoded word that starts at or behind `from`. */
  next(from: number): (EncodedWord & { readonly start: number }) | undefined {
    let start = this.#text.indexOf('=?', from);
    while (start !== -1) {
      wordStartPattern.lastIndex = start;
      const match = wordStartPattern.exec(this.#text);
      if (match !== null) {
        const contentStart = start + match[0].length;
        const end = this.#findTerminator(contentStart);
        if (end === -1) return undefined;
        const inner = this.#text.indexOf('=?', contentStart);
        // An unfinished word must not swallow the whole one behind it.
        if (inner === -1 || inner + 2 > end) {
          const octets = decodeContent(match[2] as string, this.#text.slice(contentStart, end));
          return { charset: match[1] as string, octets, start, end: end + 2 };
        }
      }
      start = this.#text.indexOf('=?', start + 2);
    }
    return undefined;
  }

  #findTerminator(from: number): number {
    if (this.#terminator < from) this.#terminator = this.#text.indexOf('?=', from);
    return this.#terminator;
  }
}

function decodeContent(encoding: string, content: string): Uint8Array {
  if (encoding === 'q' || encoding === 'Q') return decodeQ(content);
  // What Node reads just as leniently: the alphabet, and padding at the end if any.
  if (/^[A-Za-z0-9+/]*={0,2}$/.test(content)) return Buffer.from(content, 'base64');
  return decodeTransferEncoding(Buffer.from(content, 'latin1'), 'base64');
}

/** RFC 2047 §4.2. An "=" without two hexadecimal digits stands for itself. */
function decodeQ(content: string): Uint8Array {
  const octets = Buffer.allocUnsafe(content.length);
  let length = 0;
  for (let at = 0; at < content.length; at++) {
    let octet = content.charCodeAt(at);
    if (octet === 0x5f) octet = 0x20;
    else if (octet === 0x3d) {
      const high = digitValue(content.charCodeAt(at + 1));
      const low = digitValue(content.charCodeAt(at + 2));
      if (high !== -1 && low !== -1) {
        octet = high * 16 + low;
        at += 2;
      }
    }
    octets[length++] = octet;
  }
  return octets.subarray(0, length);
}

/** Decodes neighbours of the same charset together, since they may share a character. */
function decodeRun(run: readonly EncodedWord[]): string {
  const [only] = run;
  if (run.length === 1 && only !== undefined) return decodeCharset(only.octets, only.charset);
  let text = '';
  for (let index = 0; index < run.length;) {
    const charset = run[index]?.charset.toLowerCase() ?? '';
    let end = index + 1;
    while (end < run.length && run[end]?.charset.toLowerCase() === charset) end++;
    text += decodeCharset(
      Buffer.concat(run.slice(index, end).map(({ octets }) => octets)),
      charset,
    );
    index = end;
  }
  return text;
}

function decodeRaw(text: string): string {
  return /[^\0-\x7f]/.test(text) ? decodeUnlabelled(Buffer.from(text, 'latin1')) : text;
}
