/**
 * Secrets that were right a short while ago, so that one person's five connections cost one
 * argon2. What is kept is an HMAC under a key that this process drew and never shows, over the
 * account, its version, its stored hash and the password: any change of the account makes it
 * worthless, and it is worthless outside this process.
 */
import { createHmac, createSecretKey, randomBytes } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { LoginRecord } from '../ports.ts';

export class VerifiedSecrets {
  /** A key object: made from octets anew for each mark, it would be most of the mark's cost. */
  readonly #key = createSecretKey(randomBytes(32));
  readonly #clock: Clock;
  readonly #lifeMs: number;
  readonly #entryLimit: number;
  /** Mark to the time until which it counts; all live equally long, so the oldest is first. */
  readonly #untilMs = new Map<string, number>();

  constructor(clock: Clock, lifeMs: number, entryLimit: number) {
    this.#clock = clock;
    this.#lifeMs = lifeMs;
    this.#entryLimit = entryLimit;
  }

  /** The mark of a password for an account as it is now. */
  markOf({ account, credentials }: LoginRecord, password: Uint8Array): string {
    return createHmac('sha256', this.#key)
      .update(`${account.id} ${account.version} ${credentials?.argon2id ?? ''}\0`)
      .update(password)
      .digest('base64');
  }

  has(mark: string): boolean {
    const untilMs = this.#untilMs.get(mark);
    return untilMs !== undefined && this.#clock.elapsedMs() < untilMs;
  }

  add(mark: string): void {
    const nowMs = this.#clock.elapsedMs();
    this.#untilMs.delete(mark);
    this.#untilMs.set(mark, nowMs + this.#lifeMs);
    for (const [oldest, untilMs] of this.#untilMs) {
      if (untilMs > nowMs && this.#untilMs.size <= this.#entryLimit) break;
      this.#untilMs.delete(oldest);
    }
  }

  clear(): void {
    this.#untilMs.clear();
  }
}
