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
  /** Runs `task` once after the delay. @returns cancels it; harmless afterwards. */
  after(delayMs: number, task: () => void): () => void;
}

/** The host's clock. Its timers do not keep the process alive. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  elapsedMs: () => performance.now(),
  after: (delayMs, task) => {
    const timer = setTimeout(task, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
