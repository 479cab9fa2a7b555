/**
 * LOGIN-DELAY (RFC 2449 §6.5): a mailbox takes the next POP3 login only some time after the last
 * one. Kept by the mailbox's owner, the one worker that all logins to it come to; a worker that
 * starts anew knows of none.
 */

/** When mailboxes were logged in to, as far as that still matters. */
export class LoginDelay {
  readonly #elapsedMs: () => number;
  /** By account; the longest ago first. */
  readonly #loggedInAtMs = new Map<string, number>();

  constructor(elapsedMs: () => number) {
    this.#elapsedMs = elapsedMs;
  }

  /** For tests: mailboxes that are remembered. */
  get size(): number {
    return this.#loggedInAtMs.size;
  }

  /** @returns Whether a login may be let through now. */
  allows(accountId: string, delayMs: number): boolean {
    const lastMs = this.#loggedInAtMs.get(accountId);
    return lastMs === undefined || this.#elapsedMs() - lastMs >= delayMs;
  }

  /** A login was let through. Forgets what is longer ago than the delay. */
  note(accountId: string, delayMs: number): void {
    const nowMs = this.#elapsedMs();
    this.#loggedInAtMs.delete(accountId);
    if (delayMs > 0) this.#loggedInAtMs.set(accountId, nowMs);
    for (const [id, lastMs] of this.#loggedInAtMs) {
      if (nowMs - lastMs < delayMs) break;
      this.#loggedInAtMs.delete(id);
    }
  }
}
