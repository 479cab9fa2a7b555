/** The sessions of one worker, so that all can be asked to end and be waited for. */

/** One connection, whatever its protocol. */
export interface LiveSession {
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

  /**
   * Asks all to end, then cuts those that are left when `limit` settles.
   * @returns when all are done.
   */
  async endAll(limit: Promise<void>): Promise<void> {
    this.#isEnding = true;
    for (const session of this.#sessions) session.requestEnd();
    await Promise.race([this.#allDone(), limit]);
    for (const session of this.#sessions) session.destroy();
    await this.#allDone();
  }

  async #allDone(): Promise<void> {
    await Promise.all([...this.#sessions].map((session) => session.done));
  }
}
