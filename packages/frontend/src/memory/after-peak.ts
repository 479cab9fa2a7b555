/**
 * Has garbage collected once when a peak of connections is over. V8 collects while it allocates, and a
 * front end whose clients have gone allocates next to nothing: half of what they took would stay
 * for as long as it is quiet.
 */
import type { Clock } from '../login/ports.ts';

export interface AfterPeakParts {
  readonly clock: Pick<Clock, 'after'>;
  /** How many connections there are. */
  readonly count: () => number;
  /** Stops the process for as long as it takes, 150 ms or more. Must not throw. */
  readonly collect: () => void;
}

/** Whether a peak is over is looked at so often; also how long it has to be quiet for that. */
const LOOK_EVERY_MS = 10_000;
/** Fewer than these took too little to pause for. */
const LEAST_GONE = 500;

/** Owns one timer. Close it. */
export class AfterPeak {
  readonly #parts: AfterPeakParts;
  #peak = 0;
  #before = 0;
  #cancel: (() => void) | undefined;

  constructor(parts: AfterPeakParts) {
    this.#parts = parts;
    this.#arm();
  }

  close(): void {
    this.#cancel?.();
  }

  #arm(): void {
    this.#cancel = this.#parts.clock.after(LOOK_EVERY_MS, () => {
      this.#look(this.#parts.count());
      this.#arm();
    });
  }

  #look(count: number): void {
    const isQuiet = Math.abs(this.#before - count) < LEAST_GONE / 10;
    this.#before = count;
    this.#peak = Math.max(this.#peak, count);
    const isOver = count <= this.#peak / 2 && this.#peak - count >= LEAST_GONE;
    if (!isOver || !isQuiet) return;
    this.#peak = count;
    this.#parts.collect();
  }
}
