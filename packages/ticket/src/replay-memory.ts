/**
 * Remembers the ids of tickets that were used, for as long as those could be shown again. Only
 * needed where the inner leg is plain; elsewhere the TLS exporter binds a ticket to one connection.
 */
import { TICKET_CLOCK_SKEW_SECONDS, TICKET_LIFETIME_SECONDS } from './ticket.ts';

/** A ticket issued by the fastest clock allowed dies so long after it was first shown. */
const MEMORY_SECONDS: number = TICKET_LIFETIME_SECONDS + 2 * TICKET_CLOCK_SKEW_SECONDS;

/** Bounded: once full of living ids it takes no more, which refuses tickets, never replays. */
export class ReplayMemory {
  readonly #limit: number;
  /** Id to the second when it may be forgotten; in that order, since all live equally long. */
  readonly #forgetAt = new Map<string, number>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#forgetAt.size;
  }

  /** @returns false if the id was seen before, or if there is no room to remember it. */
  remember(id: string, nowSeconds: number): boolean {
    for (const [oldest, forgetAt] of this.#forgetAt) {
      if (forgetAt > nowSeconds) break;
      this.#forgetAt.delete(oldest);
    }
    if (this.#forgetAt.has(id) || this.#forgetAt.size >= this.#limit) return false;
    this.#forgetAt.set(id, nowSeconds + MEMORY_SECONDS);
    return true;
  }
}
