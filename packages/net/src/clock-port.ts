/**
 * What this package needs of time. `service`'s Clock fits as it is; tests bring a clock that
 * they move by hand.
 */
export interface NetClock {
  /** Milliseconds since some moment; never goes back. */
  elapsedMs(): number;
  /**
   * Runs `task` once after the delay, without keeping the process alive.
   *
   * @returns Cancels it; harmless afterwards.
   */
  after(delayMs: number, task: () => void): () => void;
}
