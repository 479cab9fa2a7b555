/**
 * Threads that compute password hashes, with a bounded queue before them. They are threads of
 * their own, apart from libuv's pool: a rush of logins must not hold up file syncs, and each of
 * them needs its 19 MB only one at a time.
 */
import { Worker } from 'node:worker_threads';
import type { Clock } from '../clock.ts';
import type { HashJob, HashResult } from './hash-job.ts';

export interface HashPoolOptions {
  /** Threads, started when first needed; 1 to 64. */
  readonly threadCount: number;
  /** Jobs that may wait beside those being computed; more are refused. */
  readonly queueLimit: number;
  /**
   * Longest that a job may have to wait, by how long others took of late; who would have to wait
   * longer is refused. No limit by default.
   */
  readonly waitLimitMs?: number | undefined;
  readonly clock: Pick<Clock, 'elapsedMs'>;
  /** Told of a thread that died; its job ends as refused and another thread takes its place. */
  readonly onFault?: ((error: Error) => void) | undefined;
}

/** How one job may spare another of the same outcome. Both are called synchronously. */
export interface HashShortcut {
  /** Asked when the job's turn comes: a result makes its computation needless. */
  readonly find: () => HashResult | undefined;
  /** Told of the computed result, before the next job's turn. */
  readonly note: (result: HashResult) => void;
}

/** How soon a job's turn comes. */
export interface HashTurn {
  /** The lower go first; when the queue is full one that is higher gives way. */
  readonly rank: number;
}

/** Of the newest job in the average of how long they take. */
const AVERAGE_WEIGHT = 0.1;

/** Of who says nothing: before nobody. */
const LAST_RANK = Number.MAX_SAFE_INTEGER;

interface PendingJob {
  readonly rank: number;
  readonly job: HashJob;
  readonly shortcut: HashShortcut | undefined;
  readonly settle: (result: HashResult | undefined) => void;
}

interface HashThread {
  readonly worker: Worker;
  startedAtMs: number;
  current: PendingJob | undefined;
}

export class HashPool {
  readonly #options: HashPoolOptions;
  readonly #threads = new Set<HashThread>();
  readonly #queue: PendingJob[] = [];
  /** A moving average. */
  #jobMs = 0;
  #isClosed = false;

  constructor(options: HashPoolOptions) {
    const { threadCount, queueLimit } = options;
    if (!(threadCount >= 1 && threadCount <= 64 && queueLimit >= 0)) {
      throw new RangeError('A hash pool has 1 to 64 threads and a queue limit of 0 or more');
    }
    this.#options = options;
  }

  /** Jobs that wait or are being computed. */
  get load(): number {
    return this.#queue.length + [...this.#threads].filter((one) => one.current).length;
  }

  /** @returns undefined if the queue is full, the pool closed, or the thread died over the job. */
  async run(
    job: HashJob,
    shortcut?: HashShortcut,
    { rank }: HashTurn = { rank: LAST_RANK },
  ): Promise<HashResult | undefined> {
    if (this.#isClosed) return undefined;
    const idle = this.#findIdle();
    if (idle === undefined && !this.#makeRoom(rank)) return undefined;
    return new Promise((settle) => {
      const pending = { job, shortcut, settle, rank };
      if (idle === undefined) this.#line(pending);
      else this.#start(idle, pending);
    });
  }

  /** Ends the threads; jobs not yet done end as refused. May be called twice. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const pending of this.#queue.splice(0)) pending.settle(undefined);
    await Promise.all([...this.#threads].map((thread) => thread.worker.terminate()));
  }

  /** @returns False when the queue is full of jobs that go no later. */
  #makeRoom(rank: number): boolean {
    const { queueLimit, waitLimitMs = Infinity, threadCount } = this.#options;
    const ahead = this.#countBefore(rank);
    if (((ahead + 1) * this.#jobMs) / threadCount > waitLimitMs) return false;
    if (this.#queue.length < queueLimit) return true;
    const last = this.#queue.at(-1);
    if (last === undefined || last.rank <= rank) return false;
    this.#queue.pop()?.settle(undefined);
    return true;
  }

  #line(pending: PendingJob): void {
    this.#queue.splice(this.#countBefore(pending.rank), 0, pending);
  }

  /** How many would go before a newcomer. */
  #countBefore(rank: number): number {
    const behind = this.#queue.findIndex((other) => other.rank > rank);
    return behind < 0 ? this.#queue.length : behind;
  }

  #findIdle(): HashThread | undefined {
    for (const thread of this.#threads) if (thread.current === undefined) return thread;
    return this.#threads.size < this.#options.threadCount ? this.#startThread() : undefined;
  }

  #startThread(): HashThread {
    const worker = new Worker(new URL('./hash-worker.ts', import.meta.url), {
      name: 'homeward-hash',
      execArgv: [],
      env: {},
    });
    const thread: HashThread = { worker, current: undefined, startedAtMs: 0 };
    worker.unref();
    worker.on('message', (result: HashResult) => this.#finish(thread, result));
    worker.on('error', (error: Error) => this.#options.onFault?.(error));
    worker.on('exit', () => {
      this.#threads.delete(thread);
      this.#finish(thread, undefined);
    });
    this.#threads.add(thread);
    return thread;
  }

  #finish(thread: HashThread, result: HashResult | undefined): void {
    const done = thread.current;
    thread.current = undefined;
    thread.worker.unref();
    if (result !== undefined) {
      const tookMs = this.#options.clock.elapsedMs() - thread.startedAtMs;
      this.#jobMs += (tookMs - this.#jobMs) * AVERAGE_WEIGHT;
      done?.shortcut?.note(result);
    }
    done?.settle(result);
    if (!this.#isClosed) this.#startNext();
  }

  #startNext(): void {
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      const known = next.shortcut?.find();
      if (known !== undefined) {
        next.settle(known);
        continue;
      }
      const idle = this.#findIdle();
      if (idle === undefined) this.#queue.unshift(next);
      else this.#start(idle, next);
      return;
    }
  }

  /** The thread keeps the process alive as long as somebody waits for it, and no longer. */
  #start(thread: HashThread, pending: PendingJob): void {
    thread.current = pending;
    thread.startedAtMs = this.#options.clock.elapsedMs();
    thread.worker.ref();
    thread.worker.postMessage(pending.job);
  }
}
