/**
 * Ends sessions whose token has run out. One timer for all of them, for the next one that is due:
 * nothing is kept for each session, and no session is kept from being forgotten.
 */
import type { Clock } from '@homeward/service';

/** Many that run out one after the other cost one look in that time. */
const LEAST_WAIT_MS = 500;
/** The wall clock may be set meanwhile, and timers have an end. */
const MOST_WAIT_MS = 60_000;

export interface TokenExpiryParts<Session> {
  readonly sessions: {
    /** All that are open. */
    find(): Iterable<Session>;
    /** Calls `listener` with each that is opened. @returns How to cease. */
    onSession(listener: (session: Session) => void): () => void;
  };
  /** Milliseconds since 1970; Infinity for a session that no token opened. */
  readonly expiryOf: (session: Session) => number;
  readonly end: (session: Session) => void;
  readonly clock: Pick<Clock, 'nowMs' | 'after'>;
}

/** Close it. */
export class TokenExpiry<Session> {
  readonly #parts: TokenExpiryParts<Session>;
  readonly #stop: () => void;
  #dueAtMs = Infinity;
  #cancel: (() => void) | undefined;

  constructor(parts: TokenExpiryParts<Session>) {
    this.#parts = parts;
    this.#stop = parts.sessions.onSession((session) => {
      this.#awaitUntil(parts.expiryOf(session));
    });
  }

  close(): void {
    this.#stop();
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #awaitUntil(atMs: number): void {
    if (atMs >= this.#dueAtMs) return;
    this.#cancel?.();
    this.#dueAtMs = atMs;
    const { clock } = this.#parts;
    const waitMs = Math.min(Math.max(atMs - clock.nowMs(), LEAST_WAIT_MS), MOST_WAIT_MS);
    this.#cancel = clock.after(waitMs, () => this.#look());
  }

  #look(): void {
    const { sessions, expiryOf, end, clock } = this.#parts;
    const nowMs = clock.nowMs();
    this.#cancel = undefined;
    this.#dueAtMs = Infinity;
    let nextMs = Infinity;
    for (const session of sessions.find()) {
      const atMs = expiryOf(session);
      if (atMs <= nowMs) end(session);
      else nextMs = Math.min(nextMs, atMs);
    }
    this.#awaitUntil(nextMs);
  }
}
