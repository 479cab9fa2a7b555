/** Lines among somebody's last words, by where they begin; literals are stepped over by the reader. */
import type { Utterance } from '@homeward/wire';

/** @returns The line that begins there, without its LF; undefined if it was not kept to its end. */
export function readKeptLine(
  { octetCount, head, tail }: Utterance,
  at: number,
): string | undefined {
  const tailAt = octetCount - tail.length;
  const text = at >= tailAt ? tail.slice(at - tailAt) : head.slice(at);
  const end = text.indexOf('\n');
  return end === -1 ? undefined : text.slice(0, end);
}
