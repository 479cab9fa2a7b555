/**
 * Who may try when: so many attempts at once for each destination and altogether, and a rest for
 * destinations where nobody answers. After its rest one attempt goes first; the others follow
 * when that has found somebody.
 */
import type { Destination, QueueClock } from '../ports.ts';
import type { QueueSettings } from '../queue-settings.ts';
import { retryDelayMs } from './retry-delay.ts';

/** Attempts that wait in memory for one destination; more wait in their rows. */
const WAITING_COUNT = 100;
/**
 * Everything elsewhere has one way out, however many destinations it is: when that is slow, so
 * many wait in memory and so large a share is under way, and workers still get their mail.
 */
const ELSEWHERE_WAITING_COUNT = 250;
/** Fewer of those, and rows of one destination more are looked for. */
const ELSEWHERE_LOW_COUNT = 50;
const ELSEWHERE_SHARE = 0.8;
/** Fewer of those, and rows are looked for. */
const LOW_COUNT = 25;
/** The longest rest: so soon others learn that somebody answers again. */
const REST_MAX_MS: Readonly<Record<Destination['kind'], number>> = {
  worker: 60_000,
  elsewhere: 600_000,
};

/** So many destinations, and those that are idle for so long are forgotten. */
const SWEEP_COUNT = 1_000;
const FORGET_MS = 3_600_000;

/** What an attempt has found out about its destination. */
export type Found = 'somebody' | 'nobody' | 'nothing';

/** What came of waiting for a place. */
export type Admission =
  | { readonly kind: 'done' }
  /** No attempt was made: wait in the row for so long, unless there is room sooner. */
  | { readonly kind: 'line-up'; readonly forMs: number };

export interface LinesOptions {
  readonly clock: QueueClock;
  readonly random: () => number;
  readonly settings: () => QueueSettings;
}

interface Waiting {
  readonly run: () => Promise<Found>;
  readonly resolve: (admission: Admission) => void;
  readonly reject: (error: unknown) => void;
}

interface Line {
  readonly kind: Destination['kind'];
  readonly waiting: Waiting[];
  runningCount: number;
  /** Attempts one after the other that found nobody. */
  failureCount: number;
  restUntilMs: number;
  /** Rows wait for room. */
  hasRows: boolean;
}

/** While this many wait in memory already, those in rows wait for so long at least. */
const FULL_LINE_MS = 60_000;

export class DestinationLines {
  readonly #options: LinesOptions;
  readonly #lines = new Map<string, Line>();
  readonly #listeners = new Set<(key: string) => void>();
  readonly #runningOf: Record<Destination['kind'], number> = { worker: 0, elsewhere: 0 };
  #elsewhereWaitingCount = 0;

  constructor(options: LinesOptions) {
    this.#options = options;
  }

  get runningCount(): number {
    return this.#runningOf.worker + this.#runningOf.elsewhere;
  }

  /**
   * Runs an attempt when it is its turn.
   *
   * @param run What it throws comes out here.
   */
  enter(key: string, kind: Destination['kind'], run: () => Promise<Found>): Promise<Admission> {
    const line = this.#lineOf(key, kind);
    const restMs = line.restUntilMs - this.#options.clock.nowMs();
    const isFull = this.#hasWaiting(line, WAITING_COUNT, ELSEWHERE_WAITING_COUNT);
    if (restMs > 0 || isFull) {
      line.hasRows = true;
      return Promise.resolve({
        kind: 'line-up',
        forMs: Math.max(restMs, isFull ? FULL_LINE_MS : 0),
      });
    }
    return new Promise((resolve, reject) => {
      line.waiting.push({ run, resolve, reject });
      if (kind === 'elsewhere') this.#elsewhereWaitingCount += 1;
      this.#startSome(key, line);
    });
  }

  /** Calls `listener` when rows that wait for a destination may come. */
  onRoom(listener: (key: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Ends the rest of a destination, or of all, as an operator wants it. */
  wake(key?: string): void {
    for (const [name, line] of [...this.#lines]) {
      if (key !== undefined && key !== name) continue;
      line.restUntilMs = 0;
      this.#startSome(name, line);
    }
  }

  #lineOf(key: string, kind: Destination['kind']): Line {
    let line = this.#lines.get(key);
    if (line === undefined) {
      if (this.#lines.size >= SWEEP_COUNT) this.#forgetOld();
      line = {
        kind,
        waiting: [],
        runningCount: 0,
        failureCount: 0,
        restUntilMs: 0,
        // Rows of an earlier process may wait.
        hasRows: true,
      };
      this.#lines.set(key, line);
    }
    return line;
  }

  /** Where nobody answered and nothing was tried for long. */
  #forgetOld(): void {
    const beforeMs = this.#options.clock.nowMs() - FORGET_MS;
    for (const [key, line] of this.#lines) {
      const isIdle = line.runningCount === 0 && line.waiting.length === 0;
      if (isIdle && line.restUntilMs < beforeMs) this.#lines.delete(key);
    }
  }

  #startSome(key: string, line: Line): void {
    const most = line.failureCount > 0 ? 1 : this.#options.settings().destinationConcurrency;
    while (line.runningCount < most && this.#hasPlace(line.kind)) {
      const [next] = this.#takeWaiting(line, 1);
      if (next === undefined) break;
      void this.#run(key, line, next);
    }
    const isLow = !this.#hasWaiting(line, LOW_COUNT, ELSEWHERE_LOW_COUNT);
    if (line.hasRows && line.failureCount === 0 && isLow) {
      line.hasRows = false;
      for (const listener of this.#listeners) listener(key);
    }
  }

  #hasPlace(kind: Destination['kind']): boolean {
    const { concurrency } = this.#options.settings();
    if (this.runningCount >= concurrency) return false;
    const mostElsewhere = Math.max(1, Math.floor(concurrency * ELSEWHERE_SHARE));
    return kind === 'worker' || this.#runningOf.elsewhere < mostElsewhere;
  }

  /** Whether so many wait for the destination, or for all that is elsewhere. */
  #hasWaiting({ kind, waiting }: Line, count: number, elsewhereCount: number): boolean {
    if (waiting.length >= count) return true;
    return kind === 'elsewhere' && this.#elsewhereWaitingCount >= elsewhereCount;
  }

  #takeWaiting(line: Line, count: number): readonly Waiting[] {
    const taken = line.waiting.splice(0, count);
    if (line.kind === 'elsewhere') this.#elsewhereWaitingCount -= taken.length;
    return taken;
  }

  async #run(key: string, line: Line, { run, resolve, reject }: Waiting): Promise<void> {
    line.runningCount += 1;
    this.#runningOf[line.kind] += 1;
    try {
      const found = await run();
      if (found === 'nobody') this.#rest(line);
      else if (found === 'somebody') line.failureCount = 0;
      resolve({ kind: 'done' });
    } catch (error) {
      reject(error);
    }
    line.runningCount -= 1;
    this.#runningOf[line.kind] -= 1;
    this.#goOn(key, line);
  }

  /** Several attempts that fail together count once. */
  #rest(line: Line): void {
    const { clock, random } = this.#options;
    const nowMs = clock.nowMs();
    if (line.restUntilMs > nowMs) return;
    line.failureCount += 1;
    const { kind, failureCount } = line;
    line.restUntilMs = nowMs + retryDelayMs(kind, failureCount, REST_MAX_MS[kind], random());
    line.hasRows = true;
  }

  #goOn(key: string, line: Line): void {
    const restMs = line.restUntilMs - this.#options.clock.nowMs();
    if (restMs > 0) {
      for (const { resolve } of this.#takeWaiting(line, line.waiting.length)) {
        resolve({ kind: 'line-up', forMs: restMs });
      }
    }
    // The place goes to another destination first, and each in turn.
    this.#lines.delete(key);
    this.#lines.set(key, line);
    // Rows come of one destination at a time: what they bring fills the room that there is.
    let isPulled = false;
    for (const [other, waiting] of this.#lines) {
      if (this.runningCount >= this.#options.settings().concurrency) break;
      const isPullable: boolean = waiting.hasRows && !isPulled;
      if (waiting === line || (waiting.waiting.length === 0 && !isPullable)) continue;
      this.#startSome(other, waiting);
      isPulled ||= isPullable && !waiting.hasRows;
    }
    if (restMs <= 0) this.#startSome(key, line);
    const isIdle = line.runningCount === 0 && line.waiting.length === 0;
    if (isIdle && line.failureCount === 0 && !line.hasRows) this.#lines.delete(key);
  }
}
