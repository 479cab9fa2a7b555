/** The time that one login has; it stands still while the login is made to wait. */
import type { Clock } from '@homeward/service';

/**
 * One login's limit. With the time to send the answer it stays within the five seconds after
 * which people begin to wonder.
 */
export const LOGIN_LIMIT_MS = 4_500;

/** Runs from its making on. */
export interface LoginDeadline {
  pause(): void;
  resume(): void;
  /** At least so long from now on. No-op where there is no deadline any more. */
  extend(leastMs: number): void;
  /** There is no deadline any more. */
  end(): void;
}

/** @param onLate Called once, when the time is up. */
export function startLoginDeadline(
  clock: Pick<Clock, 'elapsedMs' | 'after'>,
  limitMs: number,
  onLate: () => void,
): LoginDeadline {
  return new RunningDeadline(clock, limitMs, onLate);
}

class RunningDeadline implements LoginDeadline {
  readonly #clock: Pick<Clock, 'elapsedMs' | 'after'>;
  readonly #onLate: () => void;
  #leftMs: number;
  #runningSinceMs = 0;
  /** Undefined while it stands still. */
  #cancel: (() => void) | undefined;
  #isOver = false;

  constructor(clock: Pick<Clock, 'elapsedMs' | 'after'>, limitMs: number, onLate: () => void) {
    this.#clock = clock;
    this.#onLate = onLate;
    this.#leftMs = limitMs;
    this.resume();
  }

  pause(): void {
    if (this.#cancel === undefined) return;
    this.#stop();
    this.#leftMs -= this.#clock.elapsedMs() - this.#runningSinceMs;
  }

  resume(): void {
    if (this.#cancel !== undefined || this.#isOver) return;
    this.#runningSinceMs = this.#clock.elapsedMs();
    this.#cancel = this.#clock.after(Math.max(0, this.#leftMs), () => {
      this.end();
      this.#onLate();
    });
  }

  extend(leastMs: number): void {
    if (this.#cancel === undefined) return;
    this.pause();
    this.#leftMs = Math.max(this.#leftMs, leastMs);
    this.resume();
  }

  end(): void {
    this.#isOver = true;
    this.#stop();
  }

  #stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
