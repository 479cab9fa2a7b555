/** Which paths patterns reach, found in turns that let others work. */
import type { SessionContext } from '../session-context.ts';
import type { ListPattern } from './list-pattern.ts';

/** Characters of patterns times characters of paths, between two pauses for others. */
const TURN_WORK = 1_000_000;
/** What each look takes at least, in the same measure. */
const LEAST_WORK = 50;

/** @returns those of `paths` that some pattern matches; none if nobody listens any more. */
export async function findMatchingPaths(
  context: SessionContext,
  patterns: readonly ListPattern[],
  paths: Iterable<string>,
): Promise<ReadonlySet<string>> {
  const matching = new Set<string>();
  let work = 0;
  for (const path of paths) {
    for (const pattern of patterns) {
      work += LEAST_WORK + Math.min(pattern.length, 2 * path.length) * path.length;
      if (work > TURN_WORK) {
        work = 0;
        if (!(await context.breathe())) return new Set();
      }
      if (!pattern.matches(path)) continue;
      matching.add(path);
      break;
    }
  }
  return matching;
}
