/**
 * Connections to sites of other software that wait for a login: connected, in TLS, greeted, asked
 * what they offer. Off unless set, since such servers count connections that have not logged in
 * against the front end's address, log their end, and close them soon.
 *
 * Not for sites that want a PROXY header: that says who the client is before there is one. ID and
 * XCLIENT go with the login.
 */
import type { FrontEndLog } from '../log-events.ts';
import { WarmShelves, type WarmLimits } from '../warm-shelves.ts';
import type { ForeignTarget, ReadyForeign, WarmForeign } from './foreign-ports.ts';
import { greetForeignHome, type GreetParts } from './greet-foreign-home.ts';

export interface WarmForeignParts extends GreetParts {
  readonly log: FrontEndLog;
  readonly limits: WarmLimits;
  /** Told of each connection that a login was given. */
  readonly onGiven: (kind: 'warm' | 'new') => void;
}

/** Owns the connections that wait; one for each front-end process. Close it at the end. */
export class WarmForeignHomes implements WarmForeign {
  readonly #parts: WarmForeignParts;
  readonly #shelves: WarmShelves<ForeignTarget, ReadyForeign>;

  constructor(parts: WarmForeignParts) {
    this.#parts = parts;
    const { limits } = parts;
    this.#shelves = new WarmShelves({
      ...parts,
      // All of it: what a changed record wants is not what waits for the old one.
      keyOf: (target) => JSON.stringify(target),
      greet: async (target, signal) => {
        const greeted = await greetForeignHome(
          parts,
          target,
          undefined,
          limits.dialBudgetMs,
          signal,
        );
        return greeted.ok ? greeted : undefined;
      },
    });
  }

  /** Connections that wait now, over all hosts: for metrics and tests. */
  get waitingCount(): number {
    return this.#shelves.waitingCount;
  }

  take(target: ForeignTarget): ReadyForeign | undefined {
    if (this.#isOff) return undefined;
    const waited = this.#shelves.take(target, true);
    if (waited !== undefined) this.#parts.onGiven('warm');
    return waited;
  }

  noteOpened(target: ForeignTarget, isOpen: boolean): void {
    if (isOpen) this.#parts.onGiven('new');
    if (!this.#isOff) this.#shelves.noteOpened(target, isOpen);
  }

  /** Destroys all that wait or are being opened. Taken connections are not touched. */
  close(): Promise<void> {
    return this.#shelves.close();
  }

  get #isOff(): boolean {
    return this.#parts.limits.maxPerPlace === 0;
  }
}
