/** Literals in what servers say (RFC 3501 §4.3), as far as their announcements were kept. */
import { findLiteralMarker, type LiteralMarker, type Utterance } from '@homeward/wire';
import { readKeptLine } from './kept-line.ts';

/**
 * Whether the server stops inside a literal whose announcement was kept. The text of a message may
 * have lines with any tag.
 */
export function isInLiteral(answer: Utterance): boolean {
  const { octetCount, tail } = answer;
  const tailLineAt = octetCount - tail.length + tail.indexOf('\n') + 1;
  return stopsInLiteral(answer, 0) || stopsInLiteral(answer, tailLineAt);
}

function stopsInLiteral(answer: Utterance, from: number): boolean {
  let at = from;
  while (at < answer.octetCount) {
    const line = readKeptLine(answer, at);
    if (line === undefined) return false;
    const marker = findMarker(line.replace(/\r$/, ''));
    at += line.length + 1 + (marker?.sizeBytes ?? 0);
    if (marker !== undefined && at >= answer.octetCount) return true;
  }
  return false;
}

/** The literal that a line announces; no CR behind it. */
export function findMarker(line: string): LiteralMarker | undefined {
  const marker = findLiteralMarker(Buffer.from(line, 'latin1'));
  return marker === 'bad' ? undefined : marker;
}
