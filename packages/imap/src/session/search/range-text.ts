/**
 * The text of one range of a message, folded for comparison piece by piece, and the search for
 * several texts in it at once. Memory is bounded by the pieces and by the longest text sought.
 */
import { createFoldedTextReader, foldBody, foldHeader } from '@homeward/mime';
import type { TextRange } from '@homeward/mime';
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
  take(range.kind === 'header' ? foldHeader(octets) : foldBody(range.part, octets));
  return undefined;
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
  const text = createFoldedTextReader(range.part);
  for await (const octets of reader.read(range)) {
    if (take(text.push(octets))) return;
  }
  take(text.finish());
}
