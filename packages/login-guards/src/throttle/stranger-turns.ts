/**
 * How many secrets from one network are looked at together, where nothing is known in its favour:
 * a failure counts only once it is known, so whoever guesses on a thousand connections at once
 * would else have a thousand guesses before the first one counts. The others wait in the order in
 * which they came, for a bounded time and in bounded number.
 */
import type { Clock } from '@homeward/service';

export interface StrangerLimits {
  /** Of one network. */
  readonly atOnce: number;
  readonly waitingPerNetwork: number;
  readonly waitingTotal: number;
}

/** A place that was given; `leave` gives it back, once, however often it is called. */
export interface StrangerTurn {
  readonly hasWaited: boolean;
  leave(): void;
}

interface Line {
  running: number;
  /** In the order in which they came. */
  readonly waiting: Set<() => void>;
}

export class StrangerTurns {
  readonly #clock: Pick<Clock, 'after'>;
  readonly #limits: StrangerLimits;
  /** Networks of which somebody runs. */
  readonly #lines = new Map<string, Line>();
  #waitingCount = 0;

  constructor(clock: Pick<Clock, 'after'>, limits: StrangerLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  /** @returns Nothing when there is no room to wait, or the turn has not come within `waitMs`. */
  async take(network: string, waitMs: number): Promise<StrangerTurn | undefined> {
    const line = this.#lines.get(network) ?? { running: 0, waiting: new Set() };
    this.#lines.set(network, line);
    const { atOnce, waitingPerNetwork, waitingTotal } = this.#limits;
    if (line.running < atOnce) {
      line.running += 1;
      return this.#turn(network, line, false);
    }
    const isFull = line.waiting.size >= waitingPerNetwork || this.#waitingCount >= waitingTotal;
    if (isFull || !(await this.#wait(line, waitMs))) return undefined;
    return this.#turn(network, line, true);
  }

  async #wait(line: Line, waitMs: number): Promise<boolean> {
    const turn = Promise.withResolvers<boolean>();
    const begin = (): void => turn.resolve(true);
    line.waiting.add(begin);
    this.#waitingCount += 1;
    const cancel = this.#clock.after(waitMs, () => {
      if (line.waiting.delete(begin)) turn.resolve(false);
    });
    const hasTurn = await turn.promise;
    cancel();
    this.#waitingCount -= 1;
    return hasTurn;
  }

  #turn(network: string, line: Line, hasWaited: boolean): StrangerTurn {
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
        if (line.running === 0) this.#lines.delete(network);
      },
    };
  }
}
