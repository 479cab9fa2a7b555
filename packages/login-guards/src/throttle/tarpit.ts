/**
 * Where logins wait before their passwords are looked at. Each costs its connection and a timer;
 * how many may wait, in all and for one key, is bounded, since attackers have many connections.
 */
import type { Clock } from '@homeward/service';

export interface TarpitLimits {
  readonly total: number;
  readonly perKey: number;
}

export class Tarpit {
  readonly #clock: Pick<Clock, 'after'>;
  readonly #limits: TarpitLimits;
  readonly #countOf = new Map<string, number>();
  #total = 0;

  constructor(clock: Pick<Clock, 'after'>, limits: TarpitLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  /** Logins that wait. */
  get count(): number {
    return this.#total;
  }

  /**
   * Waits.
   *
   * @param key Whose waiting this is; one key cannot take all places.
   * @returns False, at once, when there is no place.
   */
  async hold(key: string, waitMs: number): Promise<boolean> {
    const count = this.#countOf.get(key) ?? 0;
    if (this.#total >= this.#limits.total || count >= this.#limits.perKey) return false;
    this.#total += 1;
    this.#countOf.set(key, count + 1);
    await new Promise<void>((resolve) => {
      this.#clock.after(waitMs, resolve);
    });
    this.#total -= 1;
    const left = (this.#countOf.get(key) ?? 1) - 1;
    if (left > 0) this.#countOf.set(key, left);
    else this.#countOf.delete(key);
    return true;
  }
}
