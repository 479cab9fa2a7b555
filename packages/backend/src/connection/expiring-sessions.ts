/** The sessions of one worker that a token opened: they end when it does. */

export interface ExpiringSession {
  /** Milliseconds since 1970. */
  readonly expiresAtMs: number;
  end(): void;
}

/** Knows each from its login to its end; `TokenExpiry` looks at them. */
export class ExpiringSessions {
  readonly #sessions = new Set<ExpiringSession>();
  readonly #listeners = new Set<(session: ExpiringSession) => void>();

  find(): Iterable<ExpiringSession> {
    return this.#sessions;
  }

  onSession(listener: (session: ExpiringSession) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** @returns How to forget it, when it is over. */
  add(session: ExpiringSession): () => void {
    this.#sessions.add(session);
    for (const listener of this.#listeners) listener(session);
    return () => void this.#sessions.delete(session);
  }
}
