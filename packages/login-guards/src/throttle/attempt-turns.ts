/**
 * How many secrets of one origin are looked at together: a failure counts only once it is known,
 * so whoever guesses on a thousand connections at once would else have a thousand guesses before
 * the first one counts. What an origin is its key says: a network, or an account's place there.
 * The others wait in the order in which they came, for a bounded time and in bounded number.
 */
import type { Clock } from '@homeward/service';

export interface TurnLimits {
  /** Of one key. */
  readonly atOnce: number;
  readonly waitingPerKey: number;
  readonly waitingTotal: number;
}

/** A place that was given; `leave` gives it back, once, however often it is called. */
export interface AttemptTurn {
  readonly hasWaited: boolean;
  leave(): void;
}

interface Line {
  running: number;
  /** In the order in which they came. */
  readonly waiting: Set<() => void>;
}

export class AttemptTurns {
  readonly #clock: Pick<Clock, 'after'>;
  readonly #limits: TurnLimits;
  /** Keys of which somebody runs. */
  readonly #lines = new Map<string, Line>();
  #waitingCount = 0;

  constructor(clock: Pick<Clock, 'after'>, limits: TurnLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  /**
   * @param whenGone Asked where there is a wait, which ends when it resolves.
   * @returns Nothing when there is no room to wait, the turn has not come within `waitMs`, or the
   *   client has gone meanwhile.
   */
  async take(
    key: string,
    waitMs: number,
    whenGone: () => Promise<unknown>,
  ): Promise<AttemptTurn | undefined> {
    const line = this.#lines.get(key) ?? { running: 0, waiting: new Set() };
    this.#lines.set(key, line);
    const { atOnce, waitingPerKey, waitingTotal } = this.#limits;
    if (line.running < atOnce) {
      line.running += 1;
      return this.#turn(key, line, false);
    }
    const isFull = line.waiting.size >= waitingPerKey || this.#waitingCount >= waitingTotal;
    if (isFull || !(await this.#wait(line, waitMs, whenGone()))) return undefined;
    return this.#turn(key, line, true);
  }

  async #wait(line: Line, waitMs: number, gone: Promise<unknown>): Promise<boolean> {
    const turn = Promise.withResolvers<boolean>();
    const begin = (): void => turn.resolve(true);
    line.waiting.add(begin);
    this.#waitingCount += 1;
    const giveUp = (): void => {
      if (line.waiting.delete(begin)) turn.resolve(false);
    };
    const cancel = this.#clock.after(waitMs, giveUp);
    void gone.then(giveUp);
    const hasTurn = await turn.promise;
    cancel();
    this.#waitingCount -= 1;
    return hasTurn;
  }

  #turn(key: string, line: Line, hasWaited: boolean): AttemptTurn {
    let isHere = true;
    return {
      hasWaited,
      leave: () => {
        if (!isHere) return;
        isHere = false;
        const [next] = line.waiting;
        if (next !== undefined) {
          // The place is his now.
          line.waiting.delete(next);
          next();
          return;
        }
        line.running -= 1;
        if (line.running === 0) this.#lines.delete(key);
      },
    };
  }
}
