/**
 * How fast an account may send: so many messages a minute and recipients an hour. Each is a bucket
 * that fills up steadily, so who was quiet may send that many at once, and then one at a time.
 * An account's sessions all come to the worker that owns its mailbox, where it is counted.
 */

/** Read at each use; 0: no limit. */
export interface RateLimitSettings {
  readonly messagesPerMinute: number;
  readonly recipientsPerHour: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** Accounts that are remembered; who is forgotten was quiet for longest. */
const ACCOUNT_COUNT = 100_000;

interface Bucket {
  left: number;
  atMs: number;
}

/** One worker's. */
export class RateLimits {
  readonly #settings: () => RateLimitSettings;
  readonly #elapsedMs: () => number;
  readonly #messages = new Map<string, Bucket>();
  readonly #recipients = new Map<string, Bucket>();

  constructor(settings: () => RateLimitSettings, elapsedMs: () => number) {
    this.#settings = settings;
    this.#elapsedMs = elapsedMs;
  }

  /** @returns 0, and the message counts; or how many ms to wait before the next one. */
  takeMessage(accountId: string): number {
    return this.#take(this.#messages, accountId, this.#settings().messagesPerMinute, MINUTE_MS);
  }

  /** As `takeMessage`. */
  takeRecipient(accountId: string): number {
    return this.#take(this.#recipients, accountId, this.#settings().recipientsPerHour, HOUR_MS);
  }

  #take(buckets: Map<string, Bucket>, accountId: string, limit: number, periodMs: number): number {
    if (limit === 0) return 0;
    const nowMs = this.#elapsedMs();
    const known = buckets.get(accountId) ?? { left: limit, atMs: nowMs };
    const left = Math.min(limit, known.left + ((nowMs - known.atMs) * limit) / periodMs);
    const isTaken = left >= 1;
    buckets.delete(accountId);
    buckets.set(accountId, { left: isTaken ? left - 1 : left, atMs: nowMs });
    if (buckets.size > ACCOUNT_COUNT) forgetOldest(buckets);
    return isTaken ? 0 : Math.round(((1 - left) * periodMs) / limit);
  }
}

function forgetOldest(buckets: Map<string, Bucket>): void {
  const [oldest] = buckets.keys();
  if (oldest !== undefined) buckets.delete(oldest);
}
