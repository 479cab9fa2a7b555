/**
 * Bounds how many logins do a step at once, so that thousands at once do not all run out of
 * time together: a few get on quickly, the others wait in the order in which they came, outside
 * of their deadlines, and who would have to wait too long is told so at once.
 */
import type { LoginFault } from './login-fault.ts';
import type { Clock } from './ports.ts';

export interface LoginQueueLimits {
  readonly atOnce: number;
  /**
   * How long a login keeps others waiting: one that waits for somebody (a home that hangs) costs
   * nothing, and its place goes to the next.
   */
  readonly holdMs: number;
  /** By how long the step took of late. */
  readonly waitMs: number;
}

/** What of a login's deadline is needed. */
type Deadline = { pause(): void; resume(): void };

/** Of the newest in the average of how long the step takes. */
const AVERAGE_WEIGHT = 0.1;

export const FRONT_END_BUSY: LoginFault = {
  ok: false,
  reason: 'front-end-busy',
  clientDetail: 'many are logging in, wait 5 seconds',
};

export class LoginQueue {
  readonly #clock: Pick<Clock, 'elapsedMs' | 'after'>;
  readonly #limits: LoginQueueLimits;
  /** In the order in which they came. */
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  /** A moving average. */
  #stepMs = 0;

  constructor(clock: Pick<Clock, 'elapsedMs' | 'after'>, limits: LoginQueueLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  get waitingCount(): number {
    return this.#waiting.length;
  }

  /** @param deadline Stands still while the login waits. */
  async run<Result>(deadline: Deadline, step: () => Promise<Result>): Promise<Result | LoginFault> {
    const { atOnce, holdMs, waitMs } = this.#limits;
    if (this.#running >= atOnce) {
      if (((this.waitingCount + 1) * this.#stepMs) / atOnce > waitMs) return FRONT_END_BUSY;
      deadline.pause();
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
      deadline.resume();
    } else {
      this.#running += 1;
    }
    const startedAtMs = this.#clock.elapsedMs();
    let isHere = true;
    const leave = (): void => {
      if (!isHere) return;
      isHere = false;
      this.#stepMs += (this.#clock.elapsedMs() - startedAtMs - this.#stepMs) * AVERAGE_WEIGHT;
      this.#leave();
    };
    const cancel = this.#clock.after(holdMs, leave);
    try {
      return await step();
    } finally {
      cancel();
      leave();
    }
  }

  /** The place goes to the next one, or is free. */
  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#running -= 1;
    else next();
  }
}
