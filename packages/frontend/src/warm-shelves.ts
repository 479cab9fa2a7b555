/**
 * Connections that wait for a login, each greeted already. Kept for each place in proportion to
 * demand: as many as were taken in the busier of the last two windows, up to a bound, and none
 * where nobody logs in.
 *
 * A waiting connection keeps one read pending. Any octet or end that arrives meanwhile (a
 * goodbye, a reset) makes it useless: it is destroyed, and nothing of it reaches a client.
 */
import type { OctetStream } from '@homeward/wire';
import type { FrontEndLog } from './log-events.ts';
import type { Clock } from './login/ports.ts';

export interface WarmLimits {
  /** Waiting connections per place; 0 turns the shelves off. */
  readonly maxPerPlace: number;
  /** Below the time that the place gives a connection to log in. */
  readonly maxAgeMs: number;
  /** How long demand is remembered, once or twice over. */
  readonly demandWindowMs: number;
  /** For a connection that nobody waits for yet. */
  readonly dialBudgetMs: number;
}

type PendingRead = ReturnType<OctetStream['read']>;

interface Connection {
  read(): PendingRead;
  destroy(): void;
}

/** A connection on which a login may be said. */
export interface Greeted<C extends Connection, Dialogue> {
  readonly connection: C;
  readonly dialogue: Dialogue;
}

/** Who logs in must await `pendingRead` before reading again. */
export type Waited<G> = G & { readonly pendingRead: PendingRead };

interface Waiting<G> {
  readonly greeted: Waited<G>;
  readonly cancelTimer: () => void;
}

interface Shelf<Target, G> {
  readonly target: Target;
  readonly waiting: Waiting<G>[];
  openingCount: number;
  takenNow: number;
  takenBefore: number;
  windowEndsAtMs: number;
}

export interface WarmShelvesParts<Target, G> {
  /** Connections to targets of one key serve each other's logins. */
  keyOf(target: Target): string;
  /** @param signal Aborting destroys what was opened. */
  greet(target: Target, signal: AbortSignal): Promise<G | undefined>;
  readonly clock: Clock;
  readonly log: FrontEndLog;
  readonly limits: WarmLimits;
}

/** Owns the connections that wait. Close it at the end. */
export class WarmShelves<Target, G extends Greeted<Connection, unknown>> {
  readonly #parts: WarmShelvesParts<Target, G>;
  readonly #shelves = new Map<string, Shelf<Target, G>>();
  readonly #opening = new Map<AbortController, Promise<void>>();
  #isClosed = false;

  constructor(parts: WarmShelvesParts<Target, G>) {
    this.#parts = parts;
  }

  /** Connections that wait now, over all places: for metrics and tests. */
  get waitingCount(): number {
    let count = 0;
    for (const shelf of this.#shelves.values()) count += shelf.waiting.length;
    return count;
  }

  /** Places whose demand is remembered: for tests. */
  get placeCount(): number {
    return this.#shelves.size;
  }

  /** Counts as demand whatever comes of it. @returns Undefined: open one, and say what came of it. */
  take(target: Target, mayBeWarm: boolean): Waited<G> | undefined {
    const shelf = this.#shelfOf(target);
    this.#turnWindow(shelf);
    shelf.takenNow += 1;
    const waiting = mayBeWarm ? shelf.waiting.shift() : undefined;
    if (waiting === undefined) return undefined;
    waiting.cancelTimer();
    this.#refill(shelf);
    return waiting.greeted;
  }

  /** Only a place that answers is worth more connections. */
  noteOpened(target: Target, isOpen: boolean): void {
    const shelf = this.#shelfOf(target);
    if (isOpen) this.#refill(shelf);
    else this.#forgetIdle(shelf);
  }

  /** Destroys all that wait or are being opened. Taken connections are not touched. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const shelf of this.#shelves.values()) {
      for (const { greeted, cancelTimer } of shelf.waiting) {
        cancelTimer();
        greeted.connection.destroy();
      }
      shelf.waiting.length = 0;
    }
    this.#shelves.clear();
    for (const abort of this.#opening.keys()) abort.abort();
    await Promise.all(this.#opening.values());
  }

  #shelfOf(target: Target): Shelf<Target, G> {
    const { clock, limits } = this.#parts;
    const key = this.#parts.keyOf(target);
    let shelf = this.#shelves.get(key);
    if (shelf === undefined) {
      this.#forgetUnwanted();
      shelf = {
        target,
        waiting: [],
        openingCount: 0,
        takenNow: 0,
        takenBefore: 0,
        windowEndsAtMs: clock.elapsedMs() + limits.demandWindowMs,
      };
      this.#shelves.set(key, shelf);
    }
    return shelf;
  }

  #turnWindow(shelf: Shelf<Target, G>): void {
    const nowMs = this.#parts.clock.elapsedMs();
    const { demandWindowMs } = this.#parts.limits;
    if (nowMs < shelf.windowEndsAtMs) return;
    const isNextWindow = nowMs < shelf.windowEndsAtMs + demandWindowMs;
    shelf.takenBefore = isNextWindow ? shelf.takenNow : 0;
    shelf.takenNow = 0;
    shelf.windowEndsAtMs = nowMs + demandWindowMs;
  }

  #wantedCount(shelf: Shelf<Target, G>): number {
    this.#turnWindow(shelf);
    return Math.min(this.#parts.limits.maxPerPlace, Math.max(shelf.takenNow, shelf.takenBefore));
  }

  #refill(shelf: Shelf<Target, G>): void {
    if (this.#isClosed) return;
    const missing = this.#wantedCount(shelf) - shelf.waiting.length - shelf.openingCount;
    for (let index = 0; index < missing; index += 1) this.#openOne(shelf);
  }

  #openOne(shelf: Shelf<Target, G>): void {
    const { clock, limits, log } = this.#parts;
    shelf.openingCount += 1;
    const abort = new AbortController();
    const cancel = clock.after(limits.dialBudgetMs, () => abort.abort());
    const opened = this.#parts
      .greet(shelf.target, abort.signal)
      .then((greeted) => {
        if (greeted === undefined) return;
        if (this.#isClosed) greeted.connection.destroy();
        else this.#putToWait(shelf, greeted);
      })
      .catch((error: unknown) => log.log('warm-pool.failed', { error }))
      .finally(() => {
        cancel();
        shelf.openingCount -= 1;
        this.#opening.delete(abort);
      });
    this.#opening.set(abort, opened);
  }

  #putToWait(shelf: Shelf<Target, G>, greeted: G): void {
    const pendingRead = greeted.connection.read();
    const { clock, limits } = this.#parts;
    const waiting: Waiting<G> = {
      greeted: { ...greeted, pendingRead },
      cancelTimer: clock.after(limits.maxAgeMs, () => this.#replace(shelf, waiting)),
    };
    shelf.waiting.push(waiting);
    // Whatever it is that comes unasked: a connection that is still waiting has had its day.
    void pendingRead.then(() => this.#discard(shelf, waiting));
  }

  /** @returns Whether it was still waiting. */
  #discard(shelf: Shelf<Target, G>, waiting: Waiting<G>): boolean {
    const index = shelf.waiting.indexOf(waiting);
    if (index < 0) return false;
    shelf.waiting.splice(index, 1);
    waiting.cancelTimer();
    waiting.greeted.connection.destroy();
    return true;
  }

  /** Too old: replaced while there is demand. */
  #replace(shelf: Shelf<Target, G>, waiting: Waiting<G>): void {
    if (!this.#discard(shelf, waiting)) return;
    this.#refill(shelf);
    this.#forgetIdle(shelf);
  }

  /**
   * Of a place that did not answer any more, or ended what waited, only the demand is left. It is
   * kept while it counts, and gone before there is one place more: so they do not pile up.
   */
  #forgetUnwanted(): void {
    for (const shelf of this.#shelves.values()) {
      if (this.#wantedCount(shelf) === 0) this.#forgetIdle(shelf);
    }
  }

  /** A place that nobody goes to any more (a site that was removed) leaves no trace. */
  #forgetIdle(shelf: Shelf<Target, G>): void {
    if (shelf.waiting.length > 0 || shelf.openingCount > 0) return;
    for (const [key, candidate] of this.#shelves) {
      if (candidate === shelf) this.#shelves.delete(key);
    }
  }
}
