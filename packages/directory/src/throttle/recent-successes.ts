/**
 * Which accounts this process saw logging in from where within the last hour: these the store
 * knows already, so that a person's every login costs it no write.
 */
import type { Clock } from '../clock.ts';

const LIFE_MS = 3_600_000;
const ENTRY_LIMIT = 20_000;

export class RecentSuccesses {
  readonly #clock: Pick<Clock, 'elapsedMs'>;
  /** All live equally long, so the oldest is first. */
  readonly #untilMs = new Map<string, number>();

  constructor(clock: Pick<Clock, 'elapsedMs'>) {
    this.#clock = clock;
  }

  /** Whether the store is to be told; it counts as told from now on. */
  isNews(subject: string, network: string): boolean {
    if (this.has(subject, network)) return false;
    const key = `${subject} ${network}`;
    this.#untilMs.delete(key);
    this.#untilMs.set(key, this.#clock.elapsedMs() + LIFE_MS);
    for (const oldest of this.#untilMs.keys()) {
      if (this.#untilMs.size <= ENTRY_LIMIT) break;
      this.#untilMs.delete(oldest);
    }
    return true;
  }

  has(subject: string, network: string): boolean {
    const untilMs = this.#untilMs.get(`${subject} ${network}`);
    return untilMs !== undefined && this.#clock.elapsedMs() < untilMs;
  }

  /** It could not be told. */
  forget(subject: string, network: string): void {
    this.#untilMs.delete(`${subject} ${network}`);
  }
}
