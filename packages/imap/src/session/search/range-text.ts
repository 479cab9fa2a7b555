/**
 * The text of one range of a message, folded for comparison piece by piece, and the search for
 * several texts in it at once. Memory is bounded by the pieces and by the longest text sought.
 */
import { isAscii } from 'node:buffer';
import {
  createTextExtractor,
  decodeEncodedWords,
  findParameter,
  foldForSearch,
} from '@homeward/mime';
import type { MimePart, TextRange } from '@homeward/mime';
import type { MessageReader } from '../fetch/message-reader.ts';

/** Looks for texts in a stream of text. */
export interface NeedleSearch {
  /** Takes the next folded piece. @returns true once everything was found. */
  push(folded: string): boolean;
  /** Whether the text of that number was met. */
  isFound(order: number): boolean;
}

/**
 * @param needles Folded; none is empty.
 *
 * A character and its combining accents should come in one piece; split ones may be missed,
 * never the rest.
 */
export function createNeedleSearch(needles: readonly string[]): NeedleSearch {
  const found = needles.map(() => false);
  const tailLength = Math.max(0, ...needles.map((needle) => needle.length - 1));
  let openCount = needles.length;
  let tail = '';
  return {
    push(folded) {
      const window = tail === '' ? folded : tail + folded;
      for (let order = 0; order < needles.length; order += 1) {
        if (found[order] === true || !window.includes(needles[order] ?? '')) continue;
        found[order] = true;
        openCount -= 1;
      }
      tail = tailLength > 0 ? window.slice(-tailLength) : '';
      return openCount === 0;
    },
    isFound: (order) => found[order] === true,
  };
}

/**
 * Gives the folded text of a range, piece by piece, until `take` has enough; `open` the reader
 * first.
 *
 * @returns nothing if the range lies in memory.
 */
export function readFoldedText(
  reader: MessageReader,
  range: TextRange,
  take: (folded: string) => boolean,
): Promise<void> | undefined {
  const octets = reader.peek(range);
  if (octets === undefined) return streamFoldedText(reader, range, take);
  if (range.kind === 'header') take(foldHeader(octets));
  else takeBody(range, octets, take);
  return undefined;
}

function takeBody(
  range: Extract<TextRange, { readonly kind: 'body' }>,
  octets: Uint8Array,
  take: (folded: string) => boolean,
): void {
  if (isPlain(range.part) && isAscii(octets)) {
    take(asLatin1(octets).toUpperCase());
    return;
  }
  const extractor = createTextExtractor(range.part);
  if (!take(foldForSearch(extractor.push(octets)))) take(foldForSearch(extractor.finish()));
}

/** Not encoded, in a charset in which octets below 128 are ASCII and nothing else. */
const PLAIN_ENCODING = /^(?:7bit|8bit|binary)$/i;
const PLAIN_CHARSET = /^(?:us-ascii|utf-8|iso-8859-\d+|windows-125\d|koi8-[ru])$/i;

/** Most mail is plain, and then needs a third of the work. */
function isPlain(part: MimePart): boolean {
  if (!PLAIN_ENCODING.test(part.encoding)) return false;
  return PLAIN_CHARSET.test(findParameter(part.parameters, 'charset') ?? 'us-ascii');
}

async function streamFoldedText(
  reader: MessageReader,
  range: TextRange,
  take: (folded: string) => boolean,
): Promise<void> {
  if (range.kind === 'header') {
    take(foldHeader(await reader.gatherHeader(range)));
    return;
  }
  const extractor = createTextExtractor(range.part);
  for await (const octets of reader.read(range)) {
    if (take(foldForSearch(extractor.push(octets)))) return;
  }
  take(foldForSearch(extractor.finish()));
}

function foldHeader(octets: Uint8Array): string {
  return foldForSearch(decodeEncodedWords(unfold(octets)));
}

/** A header's octets as the Latin-1 text that `decodeEncodedWords` takes, one line a field. */
function unfold(octets: Uint8Array): string {
  return asLatin1(octets).replaceAll(/\r?\n(?=[ \t])/g, '');
}

function asLatin1(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString('latin1');
}
