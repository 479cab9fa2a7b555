/**
 * Long work in short steps: a generator that yields whenever about a millisecond of work is done,
 * and returns the result. Whoever runs it decides what happens between two steps; a server lets
 * others have their turn.
 */

/** Work under way. Throwing it away half done is allowed and costs nothing. */
export type Steps<Result> = Generator<undefined, Result, undefined>;

/** Runs all steps at once, where nobody waits. */
export function finishSteps<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}
