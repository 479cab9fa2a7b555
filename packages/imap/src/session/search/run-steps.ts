/** Runs long work of package search in short steps, with pauses for others in between. */
import type { Steps } from '@homeward/search';
import type { SessionContext } from '../session-context.ts';

/** Steps between two pauses: each takes about a millisecond. */
const STEPS_UNPAUSED = 4;

/** @returns undefined if nobody listens any more. */
export async function runSteps<Result>(
  context: SessionContext,
  steps: Steps<Result>,
): Promise<Result | undefined> {
  for (let count = 1; ; count += 1) {
    const step = steps.next();
    if (step.done === true) return step.value;
    if (count % STEPS_UNPAUSED === 0 && !(await context.breathe())) return undefined;
  }
}
