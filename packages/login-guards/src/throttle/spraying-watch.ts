/** Says once in a while that a network tries many accounts; of bounded memory. */
import type { Clock } from '@homeward/service';

/** Accounts that one network fails at before it looks like more than a household's slips. */
const ACCOUNT_COUNT = 8;
const QUIET_MS = 600_000;
const ENTRY_LIMIT = 1_000;

export class SprayingWatch {
  readonly #clock: Pick<Clock, 'elapsedMs'>;
  /** Network to until when it is not told of again; soonest first. */
  readonly #quietUntilMs = new Map<string, number>();

  constructor(clock: Pick<Clock, 'elapsedMs'>) {
    this.#clock = clock;
  }

  /** @returns Whether this is news. */
  isNews(network: string, accountCount: number): boolean {
    const nowMs = this.#clock.elapsedMs();
    if (accountCount < ACCOUNT_COUNT || nowMs < (this.#quietUntilMs.get(network) ?? 0)) {
      return false;
    }
    this.#quietUntilMs.delete(network);
    this.#quietUntilMs.set(network, nowMs + QUIET_MS);
    for (const oldest of this.#quietUntilMs.keys()) {
      if (this.#quietUntilMs.size <= ENTRY_LIMIT) break;
      this.#quietUntilMs.delete(oldest);
    }
    return true;
  }
}
