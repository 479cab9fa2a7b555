/**
 * Time as this package uses it, so that tests can hold it still. Wall-clock time is for what is
 * stored and shown; elapsed time (monotonic) is for ages and limits, since a host's clock may be
 * set back.
 */

export interface Clock {
  /** Milliseconds since 1970. */
  nowMs(): number;
  /** Milliseconds since some fixed moment; never goes back. */
  elapsedMs(): number;
  /**
   * Runs `task` once after the delay.
   *
   * @param options `keepsProcess`: somebody waits, so the process must not exit meanwhile.
   * @returns cancels it; harmless afterwards.
   */
  after(
    delayMs: number,
    task: () => void,
    options?: { readonly keepsProcess?: boolean },
  ): () => void;
}

/** The host's clock. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  elapsedMs: () => performance.now(),
  after: (delayMs, task, options) => {
    const timer = setTimeout(task, delayMs);
    if (options?.keepsProcess !== true) timer.unref();
    return () => clearTimeout(timer);
  },
};
