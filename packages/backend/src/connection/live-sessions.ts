/** The sessions of one worker, so that all can be asked to end and be waited for. */

/** One connection, whatever its protocol. */
export interface LiveSession {
  /**
   * Somebody is there, who will come back: neither a connection before its login, such as front
   * ends keep in store, nor one by which mail comes.
   */
  readonly isLoggedIn: boolean;
  /** Ends it at its next safe point. */
  requestEnd(): void;
  /** Cuts it now. */
  destroy(): void;
  /** Settles when everything of it is released; never rejects. */
  readonly done: Promise<void>;
}

/** Knows every open connection until it is done. */
export class LiveSessions {
  readonly #sessions = new Set<LiveSession>();
  #isEnding = false;

  get count(): number {
    return this.#sessions.size;
  }

  add(session: LiveSession): void {
    this.#sessions.add(session);
    void session.done.finally(() => this.#sessions.delete(session));
    if (this.#isEnding) session.requestEnd();
  }

  /** Asks newcomers and all others to end. @returns Those that were kept. */
  keepOnly(isKept: (session: LiveSession) => boolean): readonly LiveSession[] {
    this.#isEnding = true;
    const kept = [...this.#sessions].filter(isKept);
    for (const session of this.#sessions) if (!isKept(session)) session.requestEnd();
    return kept;
  }

  /** Settles when those that are there now are done. */
  async allDone(): Promise<void> {
    await Promise.all([...this.#sessions].map((session) => session.done));
  }

  /**
   * Asks all to end, then cuts those that are left when `limit` settles.
   * @returns when all are done.
   */
  async endAll(limit: Promise<void>): Promise<void> {
    this.#isEnding = true;
    for (const session of this.#sessions) session.requestEnd();
    await Promise.race([this.allDone(), limit]);
    for (const session of this.#sessions) session.destroy();
    await this.allDone();
  }
}
