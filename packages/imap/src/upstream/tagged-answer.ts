/** Finds the end of a command in a server's last words (RFC 3501 §7.1). */
import { lastLines, type Utterance } from '@homeward/wire';
import { findMarker, isInLiteral } from './in-literal.ts';

const TAGGED = /^([^\s(){%*"\\\]+]+) (?:OK|NO|BAD)(?: |$)/i;

/** Whether the answer ends with the tagged line of this command, or untagged ones behind it. */
export function hasTaggedAnswer(answer: Utterance, tag: string): boolean {
  if (isInLiteral(answer)) return false;
  for (const line of (lastLines(answer) ?? []).toReversed()) {
    const found = TAGGED.exec(line)?.[1];
    if (found === tag) return true;
    if (found === undefined && !isUntagged(line)) return false;
  }
  return false;
}

/** A whole one: none that goes on with a literal. */
export function isUntagged(line: string): boolean {
  return line.startsWith('* ') && findMarker(line) === undefined;
}
