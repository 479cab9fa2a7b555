/** When hosts are probed, and for how long. */
export const PROBE_RULES = {
  limitMs: 4_000,
  atOnce: 4,
  /** A refused connection, not one that hangs. */
  quickMs: 500,
  /**
   * After the first failure, then longer by half each time up to `slowestMs`: a worker that crashed
   * is back within a second, and is found again within half as long as it was away.
   */
  fastestMs: 250,
  growth: 1.5,
  slowestMs: 30_000,
  /** While all is well. */
  beatMs: 60_000,
  /** Nobody asked for the host for so long: it is forgotten. */
  forgetMs: 600_000,
} as const;

/** @param failureCount Of those before the one that came last. */
export function distanceAfter(failureCount: number): number {
  const { fastestMs, growth, slowestMs } = PROBE_RULES;
  return Math.min(fastestMs * growth ** Math.min(failureCount, 20), slowestMs);
}
