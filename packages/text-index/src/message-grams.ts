/**
 * All grams of one message, scope by scope, as SEARCH would read it: what `mime` says of
 * headers and text parts, in the same pieces. Memory is bounded whatever the message; a long
 * one is worked through in steps.
 */
import { isAscii } from 'node:buffer';
import {
  type MessageShape,
  type TextRange,
  createFoldedTextReader,
  createMessageScanner,
  decodeShape,
  foldBody,
  foldHeader,
  foldHeaderValue,
  listTextRanges,
  searchPieceBytes,
  visitHeaderFields,
} from '@homeward/mime';
import { GramSet } from './gram-set.ts';
import { fieldScopes } from './text-query.ts';
import { TokenWriter, type MessageTokens } from './tokens.ts';

/** A message as it is stored. */
export interface MessageSource {
  readonly sizeBytes: number;
  /** What mime's `encodeShape` made at arrival; of anything else a scan is made here. */
  readonly shape: Uint8Array | undefined;
  /** The whole message if it lies in memory. */
  readonly octets: Uint8Array | undefined;
  /** Octets from `offset`, at most `count`; fewer only at the end. Not called with `octets`. */
  read(offset: number, count: number): Uint8Array;
}

type BodyRange = Extract<TextRange, { readonly kind: 'body' }>;

/** Longer headers are not made for people; whatever is sought may be in them. */
const MOST_HEADER_BYTES = 262_144;

/** Makes grams of one message after another. It holds tables that are worth keeping. */
export class GramMaker {
  readonly #set = new GramSet();

  /** Yields between pieces, so that a caller may do other things; one message at a time. */
  *make(source: MessageSource): Generator<undefined, MessageTokens> {
    const shape = shapeOf(source) ?? (yield* scan(source));
    const tokens = new TokenWriter();
    const [own, ...inner] = listTextRanges(shape.root);
    if (own !== undefined) this.#addOwnHeader(source, own, tokens);
    this.#set.start();
    for (const range of inner) {
      if (this.#set.isFull) break;
      yield;
      if (range.kind === 'header') this.#pushHeader(source, range);
      else yield* this.#pushBody(source, range);
    }
    tokens.addScope('body', this.#set);
    return tokens.finish();
  }

  #addOwnHeader(source: MessageSource, range: TextRange, tokens: TokenWriter): void {
    if (range.end - range.start > MOST_HEADER_BYTES) {
      for (const scope of [...fieldScopes, 'header'] as const) tokens.addAnything(scope);
      return;
    }
    const octets = readAll(source, range);
    const values = readValues(octets);
    for (const scope of fieldScopes) {
      this.#set.start();
      for (const value of values.get(scope) ?? []) this.#pushText(foldHeaderValue(value));
      tokens.addScope(scope, this.#set);
    }
    this.#set.start();
    this.#pushText(foldHeader(octets));
    // Seen one by one, fields may read otherwise than in the whole, for HEADER looks at them so.
    if (!isPlain(octets)) {
      for (const value of [...values.values()].flat()) this.#pushText(foldHeaderValue(value));
    }
    tokens.addScope('header', this.#set);
  }

  #pushHeader(source: MessageSource, range: TextRange): void {
    if (range.end - range.start > MOST_HEADER_BYTES) this.#set.giveUp();
    else this.#pushText(foldHeader(readAll(source, range)));
  }

  *#pushBody(source: MessageSource, range: BodyRange): Generator<undefined, void> {
    if (source.octets !== undefined) {
      this.#pushText(foldBody(range.part, readAll(source, range)));
      return;
    }
    const reader = createFoldedTextReader(range.part);
    this.#set.startText();
    for (let at = range.start; at < range.end && !this.#set.isFull;) {
      const octets = readPiece(source, at, range.end);
      at += octets.length;
      this.#set.push(reader.push(octets));
      yield;
    }
    this.#set.push(reader.finish());
  }

  #pushText(folded: string): void {
    this.#set.startText();
    this.#set.push(folded);
  }
}

/** One for each thread that makes grams. */
export function createGramMaker(): GramMaker {
  return new GramMaker();
}

/** True for ASCII without encoded words: it shows as it is. */
function isPlain(octets: Uint8Array): boolean {
  const { buffer, byteOffset, length } = octets;
  return isAscii(octets) && !Buffer.from(buffer, byteOffset, length).includes('=?');
}

/** Values by the lower-case name of their field. */
function readValues(header: Uint8Array): ReadonlyMap<string, string[]> {
  const values = new Map<string, string[]>();
  visitHeaderFields(header, (name, value) => {
    const known = values.get(name);
    if (known === undefined) values.set(name, [value]);
    else known.push(value);
  });
  return values;
}

function shapeOf(source: MessageSource): MessageShape | undefined {
  const shape = source.shape === undefined ? undefined : decodeShape(source.shape);
  return shape?.sizeBytes === source.sizeBytes ? shape : undefined;
}

function* scan(source: MessageSource): Generator<undefined, MessageShape> {
  const scanner = createMessageScanner();
  for (let at = 0; at < source.sizeBytes;) {
    const octets = readPiece(source, at, source.sizeBytes);
    at += octets.length;
    scanner.push(octets);
    yield;
  }
  return scanner.finish();
}

function readAll(source: MessageSource, { start, end }: TextRange): Uint8Array {
  return source.octets?.subarray(start, end) ?? source.read(start, end - start);
}

function readPiece(source: MessageSource, at: number, end: number): Uint8Array {
  const count = Math.min(searchPieceBytes, end - at);
  const octets = source.octets?.subarray(at, at + count) ?? source.read(at, count);
  if (octets.length === 0) throw new UnreadableMessageError('shorter than its recorded size');
  return octets;
}

/** The message lacks octets that its row promises. */
export class UnreadableMessageError extends Error {
  override readonly name = 'UnreadableMessageError';
}
