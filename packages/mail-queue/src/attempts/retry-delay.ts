/**
 * When to try again: pauses double from attempt to attempt and differ by chance, so that what
 * failed together does not come back together.
 */
import type { Destination } from '../ports.ts';

/** Own workers come back within seconds after a restart; other people's hosts do not. */
const FIRST_MS: Readonly<Record<Destination['kind'], number>> = {
  worker: 5_000,
  elsewhere: 60_000,
};
/** Shares of the pause that chance decides about. */
const JITTER = 0.4;

/**
 * @param failureCount Attempts so far, at least 1.
 * @param random From 0 to below 1.
 */
export function retryDelayMs(
  kind: Destination['kind'],
  failureCount: number,
  maxMs: number,
  random: number,
): number {
  const doubled = FIRST_MS[kind] * 2 ** Math.min(failureCount - 1, 30);
  const plainMs = Math.min(doubled, maxMs);
  return Math.round(plainMs * (1 - JITTER / 2 + JITTER * random));
}
