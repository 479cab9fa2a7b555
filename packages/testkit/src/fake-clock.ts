/**
 * A clock that stands still until the test moves it.
 *
 * It has the union of what the packages ask of their clock ports (they name the same things
 * differently), so that one object fits them all and no package has to be imported here.
 */

/** A timer that can be taken back. */
export interface FakeTimer {
  cancel(): void;
  /** Does nothing: a fake timer keeps no process alive. */
  unref(): void;
}

interface Pending {
  readonly dueMs: number;
  readonly order: number;
  readonly run: () => void;
}

/** Time as the test wills it. Timers run only inside `advance`, in the order they are due. */
export class FakeClock {
  #wallMs: number;
  #elapsedMs = 0;
  #nextOrder = 0;
  readonly #timers = new Set<Pending>();

  /** @param startMs The wall clock at the beginning; a plain date in 2026 by default. */
  constructor(startMs: number = Date.UTC(2026, 0, 15, 12)) {
    this.#wallMs = startMs;
  }

  /** Milliseconds since 1970. */
  nowMs(): number {
    return this.#wallMs;
  }

  /** Milliseconds since the clock was made; only `advance` moves it. */
  monotonicMs(): number {
    return this.#elapsedMs;
  }

  /** The same as `monotonicMs`. */
  elapsedMs(): number {
    return this.#elapsedMs;
  }

  setTimer(delayMs: number, run: () => void): FakeTimer {
    const timer: Pending = {
      dueMs: this.#elapsedMs + Math.max(0, delayMs),
      order: (this.#nextOrder += 1),
      run,
    };
    this.#timers.add(timer);
    return { cancel: () => void this.#timers.delete(timer), unref: () => undefined };
  }

  /** As `setTimer`. @returns A function that takes the timer back. */
  after(delayMs: number, run: () => void): () => void {
    const timer = this.setTimer(delayMs, run);
    return () => timer.cancel();
  }

  /** As `after`. */
  startTimer(delayMs: number, run: () => void): () => void {
    return this.after(delayMs, run);
  }

  /** How many timers wait; zero after everything that was started has been closed. */
  get timerCount(): number {
    return this.#timers.size;
  }

  /** Milliseconds until the next timer is due. */
  get nextTimerMs(): number | undefined {
    const next = this.#findNext(Number.POSITIVE_INFINITY);
    return next === undefined ? undefined : next.dueMs - this.#elapsedMs;
  }

  /** Sets the wall clock forward or back, as an operator may; timers do not notice. */
  jump(byMs: number): void {
    this.#wallMs += byMs;
  }

  /** Lets time pass and runs what becomes due, also what that starts meanwhile. */
  advance(byMs: number): void {
    const untilMs = this.#elapsedMs + byMs;
    for (;;) {
      const next = this.#findNext(untilMs);
      if (next === undefined) break;
      this.#runTimer(next);
    }
    this.#moveTo(untilMs);
  }

  /** As `advance`, but lets promises settle before, between and after the timers. */
  async advanceAsync(byMs: number): Promise<void> {
    const untilMs = this.#elapsedMs + byMs;
    for (;;) {
      await settlePromises();
      const next = this.#findNext(untilMs);
      if (next === undefined) break;
      this.#runTimer(next);
    }
    this.#moveTo(untilMs);
    await settlePromises();
  }

  #runTimer(timer: Pending): void {
    this.#moveTo(timer.dueMs);
    this.#timers.delete(timer);
    timer.run();
  }

  #moveTo(elapsedMs: number): void {
    this.#wallMs += elapsedMs - this.#elapsedMs;
    this.#elapsedMs = elapsedMs;
  }

  #findNext(untilMs: number): Pending | undefined {
    let next: Pending | undefined;
    for (const one of this.#timers) {
      if (one.dueMs > untilMs) continue;
      if (next === undefined || one.dueMs < next.dueMs) next = one;
      else if (one.dueMs === next.dueMs && one.order < next.order) next = one;
    }
    return next;
  }
}

/** Comes back after all promise reactions that are queued now, and what they queue. */
function settlePromises(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
