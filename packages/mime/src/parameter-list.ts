/**
 * Values with parameters: Content-Type and Content-Disposition (RFC 2045 §5.1, RFC 2183 §2),
 * with the continuations and charsets of RFC 2231, read leniently.
 *
 * What is lenient: comments anywhere, missing semicolons, unquoted values with spaces, quotes
 * that never close. The first of two parameters with the same name wins.
 */
import { decodeCharset } from './charset.ts';
import { decodeEncodedWords } from './encoded-words.ts';

/** Name and value, Latin-1 views; names keep their spelling. */
export type Parameter = readonly [name: string, value: string];

/** The part before the first semicolon, comments removed, and the parameters. */
export interface ParameterizedValue {
  readonly value: string;
  readonly parameters: readonly Parameter[];
}

/** More parameters than this are ignored. */
const maxParameterCount = 128;

interface Cursor {
  readonly text: string;
  position: number;
}

/** Parses an unfolded field value; never fails. */
export function parseParameterizedValue(text: string): ParameterizedValue {
  const cursor: Cursor = { text, position: 0 };
  const value = readUntilSemicolon(cursor);
  const pieces: Parameter[] = [];
  while (cursor.position < text.length && pieces.length < maxParameterCount) {
    readParameter(cursor, pieces);
  }
  return { value, parameters: joinPieces(pieces) };
}

/** Reads the leading value: words up to a semicolon, or up to something like `name=`. */
function readUntilSemicolon(cursor: Cursor): string {
  const words: string[] = [];
  for (;;) {
    skipCommentsAndSpace(cursor);
    const word = readBareWord(cursor);
    if (word === '') break;
    words.push(word);
  }
  return words.join('');
}

/** Advances behind white space, comments (nested) and nothing else. */
function skipCommentsAndSpace(cursor: Cursor): void {
  const { text } = cursor;
  for (;;) {
    const code = text.charCodeAt(cursor.position);
    if (code === 0x20 || code === 0x09) cursor.position++;
    else if (code === 0x28) skipComment(cursor);
    else return;
  }
}

function skipComment(cursor: Cursor): void {
  const { text } = cursor;
  let depth = 0;
  for (; cursor.position < text.length; cursor.position++) {
    const code = text.charCodeAt(cursor.position);
    if (code === 0x5c) cursor.position++;
    else if (code === 0x28) depth++;
    else if (code === 0x29 && --depth === 0) {
      cursor.position++;
      return;
    }
  }
}

const wordPattern: RegExp = /[^\s;()"]+/y;
const nextParameterPattern: RegExp = /[^\s;()"=]+\*?[ \t]*=/y;

/** Reads a word, unless a parameter (`name=`) begins here. Empty at anything else. */
function readBareWord(cursor: Cursor): string {
  nextParameterPattern.lastIndex = cursor.position;
  if (nextParameterPattern.test(cursor.text)) return '';
  return matchWord(cursor);
}

function matchWord(cursor: Cursor): string {
  wordPattern.lastIndex = cursor.position;
  const word = wordPattern.exec(cursor.text)?.[0] ?? '';
  cursor.position += word.length;
  return word;
}

const namePattern: RegExp = /[^\s;()"=]+/y;

function readParameter(cursor: Cursor, into: Parameter[]): void {
  skipCommentsAndSpace(cursor);
  namePattern.lastIndex = cursor.position;
  const name = namePattern.exec(cursor.text)?.[0] ?? '';
  cursor.position += name.length;
  skipCommentsAndSpace(cursor);
  if (name === '' || cursor.text[cursor.position] !== '=') {
    if (name === '' || cursor.text[cursor.position] === ';') cursor.position++;
    return;
  }
  cursor.position++;
  into.push([name, readParameterValue(cursor)]);
}

function readParameterValue(cursor: Cursor): string {
  skipCommentsAndSpace(cursor);
  if (cursor.text[cursor.position] === '"') return readQuoted(cursor);
  let value = matchWord(cursor);
  for (;;) {
    skipCommentsAndSpace(cursor);
    const word = readBareWord(cursor);
    if (word === '') return value;
    value += ` ${word}`;
  }
}

/** Reads a quoted string at its opening quote; one that never closes ends with the value. */
function readQuoted(cursor: Cursor): string {
  const { text } = cursor;
  const start = cursor.position + 1;
  let end = start;
  while (end < text.length && text[end] !== '"') end += text[end] === '\\' ? 2 : 1;
  cursor.position = Math.min(end + 1, text.length);
  const raw = text.slice(start, end);
  return raw.includes('\\') ? raw.replaceAll(/\\(.)/gs, '$1') : raw;
}

interface Section {
  readonly text: string;
  readonly isEncoded: boolean;
}

interface Continuation {
  /** By number; may have holes. */
  readonly sections: (Section | undefined)[];
}

const piecePattern = /^(.+?)\*(\d{1,3})(\*?)$/;

/**
 * Joins `name*0`, `name*1*`… (RFC 2231 §3) into one `name`, or `name*` if a piece is encoded
 * (§4.1); pieces that are not are then encoded, so that the joined value means the same.
 */
function joinPieces(pieces: readonly Parameter[]): readonly Parameter[] {
  const joined = new Map<string, Parameter | Continuation>();
  const spellings = new Map<string, string>();
  for (const [name, value] of pieces) {
    const match = name.includes('*') ? piecePattern.exec(name) : null;
    const key = (match?.[1] ?? name).toLowerCase();
    if (match === null) {
      if (!joined.has(key)) joined.set(key, [name, value]);
      continue;
    }
    const continuationKey = `${key}*0`;
    spellings.set(continuationKey, match[1] as string);
    addPiece(joined, continuationKey, Number(match[2]), value, match[3] === '*');
  }
  const result: Parameter[] = [];
  for (const [key, entry] of joined) {
    result.push('sections' in entry ? finishPieces(spellings.get(key) ?? key, entry) : entry);
  }
  return result;
}

function addPiece(
  joined: Map<string, Parameter | Continuation>,
  key: string,
  index: number,
  text: string,
  isEncoded: boolean,
): void {
  let entry = joined.get(key);
  if (entry === undefined || !('sections' in entry)) {
    entry = { sections: [] };
    joined.set(key, entry);
  }
  entry.sections[index] ??= { text, isEncoded };
}

/** Sections are counted from zero; what comes after a gap is not part of the value. */
function finishPieces(name: string, { sections }: Continuation): Parameter {
  const contiguous: Section[] = [];
  for (const section of sections) {
    if (section === undefined) break;
    contiguous.push(section);
  }
  if (!contiguous.some((section) => section.isEncoded)) {
    return [name, contiguous.map((section) => section.text).join('')];
  }
  const prefix = contiguous[0]?.isEncoded === true ? '' : "''";
  const encoded = contiguous.map(({ text, isEncoded }) => (isEncoded ? text : percentEncode(text)));
  return [`${name}*`, prefix + encoded.join('')];
}

function percentEncode(text: string): string {
  return text.replaceAll(
    /[^A-Za-z0-9!#$&+.^_`{}|~-]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}

/** @returns The raw value of the parameter of that name (any case), or undefined. */
export function findParameter(parameters: readonly Parameter[], name: string): string | undefined {
  const wanted = name.toLowerCase();
  return parameters.find(([candidate]) => candidate.toLowerCase() === wanted)?.[1];
}

/**
 * Reads a parameter as text: `name*` with its charset (RFC 2231 §4), else `name`, in which
 * encoded words are read too although RFC 2047 §5 forbids them (Outlook and many scripts).
 */
export function readParameterText(
  parameters: readonly Parameter[],
  name: string,
): string | undefined {
  const extended = findParameter(parameters, `${name}*`);
  if (extended !== undefined) return decodeExtended(extended);
  const plain = findParameter(parameters, name);
  return plain === undefined ? undefined : decodeEncodedWords(plain);
}

function decodeExtended(value: string): string {
  const [charset, , encoded] = splitExtended(value);
  const octets = Buffer.from(
    encoded.replaceAll(/%([0-9A-Fa-f]{2})/g, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    ),
    'latin1',
  );
  return decodeCharset(octets, charset);
}

function splitExtended(value: string): readonly [charset: string, language: string, text: string] {
  const first = value.indexOf("'");
  const second = first === -1 ? -1 : value.indexOf("'", first + 1);
  if (second === -1) return ['utf-8', '', value];
  return [value.slice(0, first), value.slice(first + 1, second), value.slice(second + 1)];
}
