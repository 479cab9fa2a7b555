/**
 * Warm connections to the homes' workers: TLS done, greeting read, so that a login costs one
 * round trip to the site instead of four. Kept for each worker and protocol in proportion to
 * demand: as many as were taken in the busier of the last two windows, up to a bound, and none
 * where nobody logs in.
 *
 * A waiting connection keeps one read pending. Any octet or end that arrives meanwhile (a
 * goodbye, a reset) makes it useless: it is destroyed, and nothing of it reaches a client.
 */
import type { UpstreamDialogue } from '@homeward/sasl';
import { greetHome } from './login/greet-home.ts';
import type {
  Clock,
  GreetedConnection,
  GreetOutcome,
  InnerConnections,
  InnerDialler,
  InnerTarget,
  MailProtocol,
} from './login/ports.ts';
import type { FrontEndLog } from './log-events.ts';

export interface WarmPoolLimits {
  /** Waiting connections per worker and protocol; 0 turns the pool off. */
  readonly maxPerWorker: number;
  /** Below the homes' own time limit before login. */
  readonly maxAgeMs: number;
  /** How long demand is remembered, once or twice over. */
  readonly demandWindowMs: number;
  /** For a connection that nobody waits for yet. */
  readonly dialBudgetMs: number;
}

interface Waiting {
  readonly greeted: GreetedConnection;
  readonly cancelTimer: () => void;
}

interface Shelf {
  readonly target: InnerTarget;
  readonly waiting: Waiting[];
  openingCount: number;
  takenNow: number;
  takenBefore: number;
  windowEndsAtMs: number;
}

/** Owns the connections that wait; one for each front-end process. Close it at the end. */
export class WarmPool implements InnerConnections {
  readonly #dialler: InnerDialler;
  readonly #createDialogue: (protocol: MailProtocol) => UpstreamDialogue;
  readonly #clock: Clock;
  readonly #log: FrontEndLog;
  readonly #limits: WarmPoolLimits;
  readonly #shelves = new Map<string, Shelf>();
  readonly #opening = new Map<AbortController, Promise<void>>();
  #isClosed = false;

  constructor(parts: {
    readonly dialler: InnerDialler;
    readonly createDialogue: (protocol: MailProtocol) => UpstreamDialogue;
    readonly clock: Clock;
    readonly log: FrontEndLog;
    readonly limits: WarmPoolLimits;
  }) {
    this.#dialler = parts.dialler;
    this.#createDialogue = parts.createDialogue;
    this.#clock = parts.clock;
    this.#log = parts.log;
    this.#limits = parts.limits;
  }

  /** Connections that wait now, over all workers: for metrics and tests. */
  get waitingCount(): number {
    let count = 0;
    for (const shelf of this.#shelves.values()) count += shelf.waiting.length;
    return count;
  }

  async take(target: InnerTarget, mayBeWarm: boolean, signal: AbortSignal): Promise<GreetOutcome> {
    const shelf = this.#shelfOf(target);
    this.#countTaken(shelf);
    const waiting = mayBeWarm ? shelf.waiting.shift() : undefined;
    if (waiting !== undefined) {
      waiting.cancelTimer();
      this.#refill(shelf);
      return { ok: true, greeted: waiting.greeted };
    }
    const dialogue = this.#createDialogue(target.protocol);
    const outcome = await greetHome(this.#dialler, dialogue, target, signal);
    // Only a worker that answers is worth more connections.
    if (outcome.ok) this.#refill(this.#shelfOf(target));
    else this.#forgetIdle(shelf);
    return outcome;
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

  #shelfOf(target: InnerTarget): Shelf {
    const key = `${target.protocol} ${target.host} ${target.port} ${target.serverName}`;
    let shelf = this.#shelves.get(key);
    if (shelf === undefined) {
      shelf = {
        target,
        waiting: [],
        openingCount: 0,
        takenNow: 0,
        takenBefore: 0,
        windowEndsAtMs: this.#clock.elapsedMs() + this.#limits.demandWindowMs,
      };
      this.#shelves.set(key, shelf);
    }
    return shelf;
  }

  #countTaken(shelf: Shelf): void {
    this.#turnWindow(shelf);
    shelf.takenNow += 1;
  }

  #turnWindow(shelf: Shelf): void {
    const nowMs = this.#clock.elapsedMs();
    const { demandWindowMs } = this.#limits;
    if (nowMs < shelf.windowEndsAtMs) return;
    const isNextWindow = nowMs < shelf.windowEndsAtMs + demandWindowMs;
    shelf.takenBefore = isNextWindow ? shelf.takenNow : 0;
    shelf.takenNow = 0;
    shelf.windowEndsAtMs = nowMs + demandWindowMs;
  }

  #wantedCount(shelf: Shelf): number {
    this.#turnWindow(shelf);
    return Math.min(this.#limits.maxPerWorker, Math.max(shelf.takenNow, shelf.takenBefore));
  }

  #refill(shelf: Shelf): void {
    if (this.#isClosed) return;
    const missing = this.#wantedCount(shelf) - shelf.waiting.length - shelf.openingCount;
    for (let index = 0; index < missing; index += 1) this.#openOne(shelf);
  }

  #openOne(shelf: Shelf): void {
    shelf.openingCount += 1;
    const abort = new AbortController();
    const cancel = this.#clock.after(this.#limits.dialBudgetMs, () => abort.abort());
    const dialogue = this.#createDialogue(shelf.target.protocol);
    const opened = greetHome(this.#dialler, dialogue, shelf.target, abort.signal)
      .then((outcome) => {
        if (!outcome.ok) return;
        if (this.#isClosed) outcome.greeted.connection.destroy();
        else this.#putToWait(shelf, outcome.greeted);
      })
      .catch((error: unknown) => this.#log.log('warm-pool.failed', { error }))
      .finally(() => {
        cancel();
        shelf.openingCount -= 1;
        this.#opening.delete(abort);
      });
    this.#opening.set(abort, opened);
  }

  #putToWait(shelf: Shelf, { connection, dialogue }: GreetedConnection): void {
    const pendingRead = connection.read();
    const waiting: Waiting = {
      greeted: { connection, dialogue, pendingRead, isWarm: true },
      cancelTimer: this.#clock.after(this.#limits.maxAgeMs, () => this.#replace(shelf, waiting)),
    };
    shelf.waiting.push(waiting);
    // Whatever it is that comes unasked: a connection that is still waiting has had its day.
    void pendingRead.then(() => this.#discard(shelf, waiting));
  }

  /** @returns Whether it was still waiting. */
  #discard(shelf: Shelf, waiting: Waiting): boolean {
    const index = shelf.waiting.indexOf(waiting);
    if (index < 0) return false;
    shelf.waiting.splice(index, 1);
    waiting.cancelTimer();
    waiting.greeted.connection.destroy();
    return true;
  }

  /** Too old: replaced while there is demand. */
  #replace(shelf: Shelf, waiting: Waiting): void {
    if (!this.#discard(shelf, waiting)) return;
    this.#refill(shelf);
    this.#forgetIdle(shelf);
  }

  /** A worker that nobody goes to any more (a site that was removed) leaves no trace. */
  #forgetIdle(shelf: Shelf): void {
    if (shelf.waiting.length > 0 || shelf.openingCount > 0) return;
    for (const [key, candidate] of this.#shelves) {
      if (candidate === shelf) this.#shelves.delete(key);
    }
  }
}
