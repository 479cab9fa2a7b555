/**
 * Where logins wait before their passwords are looked at. Each costs its connection and a timer,
 * so there is a number of places. Attackers have many connections and can fill any number, from
 * as many networks as they have: whoever comes when all are taken must not pay for that.
 *
 * - Of those of the worst standing, who wait and who come, somebody gives way.
 * - A suspect gives way by being refused. Anybody else is let on before his time: that costs no
 *   more than his hash, and is never what locks an owner out.
 */
import { rankOf, type Standing } from '@homeward/directory';
import type { Clock } from '@homeward/service';

const SUSPECT_RANK = rankOf('suspect');

/** How a login's waiting ended. */
export type HoldEnd =
  /** It may go on. */
  | 'over'
  /** A suspect gave way. */
  | 'refused'
  /** Nobody waits for it any more. */
  | 'gone';

type Place = (end: HoldEnd) => void;

export class Tarpit {
  readonly #clock: Pick<Clock, 'after'>;
  readonly #limit: number;
  /** By rank; whoever came first is first. */
  readonly #places: readonly Set<Place>[];

  constructor(clock: Pick<Clock, 'after'>, limit: number) {
    this.#clock = clock;
    this.#limit = limit;
    this.#places = Array.from({ length: SUSPECT_RANK + 1 }, () => new Set());
  }

  /** Logins that wait. */
  get count(): number {
    return this.#places.reduce((sum, { size }) => sum + size, 0);
  }

  /**
   * Waits, for `waitMs` at most.
   *
   * @param gone Resolves when the client has gone: its place is free then.
   */
  async hold(standing: Standing, waitMs: number, gone: Promise<unknown>): Promise<HoldEnd> {
    const rank = rankOf(standing);
    if (this.count >= this.#limit) {
      const worst = this.#places.findLastIndex(({ size }) => size > 0);
      // Who comes gives way himself: to his betters, and a suspect to those before him.
      if (rank > worst) return endOf(rank);
      if (rank === SUSPECT_RANK) return 'refused';
      this.#giveWay(worst);
    }
    const end = Promise.withResolvers<HoldEnd>();
    const places = this.#places[rank];
    places?.add(end.resolve);
    const cancel = this.#clock.after(waitMs, () => end.resolve('over'));
    void gone.then(() => end.resolve('gone'));
    const how = await end.promise;
    cancel();
    places?.delete(end.resolve);
    return how;
  }

  /** He who has waited longest. */
  #giveWay(rank: number): void {
    const places = this.#places[rank];
    const [first] = places ?? [];
    if (first === undefined) return;
    places?.delete(first);
    first(endOf(rank));
  }
}

/** Of who gives way. */
function endOf(rank: number): HoldEnd {
  return rank === SUSPECT_RANK ? 'refused' : 'over';
}
