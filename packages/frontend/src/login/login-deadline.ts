/** The time that one login has; it stands still while the login is made to wait. */
import type { Clock } from './ports.ts';

export class LoginDeadline {
  readonly #clock: Clock;
  readonly #onLate: () => void;
  #leftMs: number;
  #runningSinceMs = 0;
  #cancel: (() => void) | undefined;

  /** Runs from now on. */
  constructor(clock: Clock, limitMs: number, onLate: () => void) {
    this.#clock = clock;
    this.#onLate = onLate;
    this.#leftMs = limitMs;
    this.resume();
  }

  pause(): void {
    if (this.#cancel === undefined) return;
    this.end();
    this.#leftMs -= this.#clock.elapsedMs() - this.#runningSinceMs;
  }

  resume(): void {
    if (this.#cancel !== undefined) return;
    this.#runningSinceMs = this.#clock.elapsedMs();
    this.#cancel = this.#clock.after(Math.max(0, this.#leftMs), this.#onLate);
  }

  /** At least so long from now on. No-op where there is no deadline any more. */
  extend(leastMs: number): void {
    if (this.#cancel === undefined) return;
    this.pause();
    this.#leftMs = Math.max(this.#leftMs, leastMs);
    this.resume();
  }

  /** There is no deadline any more. */
  end(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
