/** Plays dialogues to what judges by their last words whether a session may end. */
import { ExchangeWatch, type IsAnswered } from '@homeward/wire';

/** `C: ` or `S: ` before the octets of each step, as Latin-1. */
export type DialogueStep = `C: ${string}` | `S: ${string}`;

/**
 * @param chunkBytes As many octets arrive at once, and it is asked behind each chunk.
 * @returns The points at which a session may end: `2` behind the second step, `0` before the
 *   first, `2-1` if one octet of the second one is missing.
 */
export function findAnsweredPoints(
  isAnswered: IsAnswered,
  steps: readonly DialogueStep[],
  chunkBytes: number = 1,
): readonly string[] {
  const watch = new ExchangeWatch();
  const points = isAnswered(watch.last) ? ['0'] : [];
  for (const [index, step] of steps.entries()) {
    const octets = Buffer.from(step.slice(3), 'latin1');
    for (let at = 0; at < octets.length; at += chunkBytes) {
      const chunk = octets.subarray(at, at + chunkBytes);
      if (step.startsWith('C')) watch.fromClient(chunk);
      else watch.fromServer(chunk);
      const missingCount = octets.length - at - chunk.length;
      if (!isAnswered(watch.last)) continue;
      points.push(missingCount === 0 ? `${index + 1}` : `${index + 1}-${missingCount}`);
    }
  }
  return points;
}
