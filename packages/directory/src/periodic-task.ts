/**
 * One asynchronous task, run again and again with a pause between the end of one run and the
 * start of the next, so that runs never overlap however slow they are.
 */
import type { Clock } from './clock.ts';

/** Runs until `stop()`. The task deals with its own failures; it must not reject. */
export class PeriodicTask {
  readonly #clock: Clock;
  readonly #pauseMs: number;
  readonly #task: () => Promise<void>;
  #cancel: (() => void) | undefined;
  #running: Promise<void> | undefined;
  #isStopped = false;

  constructor(clock: Clock, pauseMs: number, task: () => Promise<void>) {
    this.#clock = clock;
    this.#pauseMs = pauseMs;
    this.#task = task;
    this.#arm();
  }

  /** Ends the repetition and waits for a run under way. May be called twice. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancel?.();
    await this.#running;
  }

  #arm(): void {
    if (this.#isStopped) return;
    const run = (): void => {
      this.#running = this.#task().finally(() => {
        this.#running = undefined;
        this.#arm();
      });
    };
    this.#cancel = this.#clock.after(this.#pauseMs, run);
  }
}
