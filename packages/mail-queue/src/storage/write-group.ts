/**
 * All writing to one queue. Jobs that come together share one transaction and one sync of the
 * log, off the event loop; while that runs, the next ones gather. A job's caller is told when
 * its changes are durable, and never before.
 *
 * Invariants
 * - A job is synchronous, sees the changes of those before it, and may be run anew when another
 *   of its group turns out to be a bug: it must change nothing but the database.
 * - A failed sync, or an I/O error of the database, breaks the queue for good: all that wait are
 *   refused, and no job runs any more.
 */
import {
  classifyDatabaseError,
  type Database,
  errorCode,
  type WalLog,
} from '@homeward/durable-store';
import type { EnqueueRefusal } from '../ports.ts';

/** Longest stay in one turn of the event loop, but for the last job of it. */
const TURN_BUDGET_MS = 8;

export type Written<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly reason: EnqueueRefusal };

export interface WriteGroupOptions {
  readonly database: Database;
  readonly log: WalLog;
  /** Called once. */
  readonly onBroken: (code: string) => void;
  readonly onFull: (code: string) => void;
  /** Called after each sync. */
  readonly onSynced: () => void;
}

interface Job {
  run(): unknown;
  succeed(value: unknown): void;
  refuse(reason: EnqueueRefusal): void;
  reject(error: unknown): void;
}

interface Done {
  readonly job: Job;
  readonly value: unknown;
}

export class WriteGroup {
  readonly #options: WriteGroupOptions;
  #jobs: Job[] = [];
  #alone: { readonly run: () => Promise<void>; readonly skip: () => void }[] = [];
  #running: Promise<void> | undefined;
  #isStopped = false;
  #isBroken = false;

  constructor(options: WriteGroupOptions) {
    this.#options = options;
  }

  /** True after a fault: what is in the log's end cannot be trusted. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  /** Rejects with what `run` throws, which is a bug. */
  write<Value>(run: () => Value): Promise<Written<Value>> {
    return new Promise((resolve, reject) => {
      if (this.#isStopped) {
        resolve({ ok: false, reason: 'unavailable' });
        return;
      }
      this.#jobs.push({
        run,
        succeed: (value) => resolve({ ok: true, value: value as Value }),
        refuse: (reason) => resolve({ ok: false, reason }),
        reject,
      });
      this.#running ??= this.#work();
    });
  }

  /** Runs `work` while nothing is written. Must not reject. */
  runAlone(work: () => Promise<void>): Promise<void> {
    if (this.#isStopped) return Promise.resolve();
    return new Promise((resolve) => {
      this.#alone.push({ run: () => work().finally(resolve), skip: resolve });
      this.#running ??= this.#work();
    });
  }

  /** Refuses everything from now on. */
  break(code: string): void {
    if (this.#isStopped) return;
    this.#isBroken = true;
    this.#refuseAll();
    this.#options.onBroken(code);
  }

  /** Orderly end: waits for what was asked for, then refuses everything. */
  async stop(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
    this.#refuseAll();
  }

  /** Resolves when nothing touches the database or the log any more. After `break`. */
  async whenSettled(): Promise<void> {
    await this.#running;
  }

  #refuseAll(): void {
    this.#isStopped = true;
    const jobs = this.#jobs;
    this.#jobs = [];
    for (const job of jobs) job.refuse('unavailable');
  }

  async #work(): Promise<void> {
    // What this turn of the event loop brings comes along.
    await nextTurn();
    while (!this.#isStopped && (this.#jobs.length > 0 || this.#alone.length > 0)) {
      await this.#alone.shift()?.run();
      const done = this.#commit();
      if (done.length > 0) await this.#sync(done);
    }
    for (const { skip } of this.#alone.splice(0)) skip();
    this.#running = undefined;
  }

  /** @returns Those whose changes are committed. */
  #commit(): readonly Done[] {
    const untilMs = performance.now() + TURN_BUDGET_MS;
    const done: Done[] = [];
    const { database, log } = this.#options;
    let current: Job | undefined;
    try {
      if (this.#jobs.length === 0) return done;
      database.statement('BEGIN IMMEDIATE').run();
      do {
        current = this.#jobs.shift();
        if (current === undefined) break;
        done.push({ job: current, value: current.run() });
      } while (performance.now() < untilMs);
      current = undefined;
      database.statement('COMMIT').run();
      log.mark();
      return done;
    } catch (error) {
      this.#undo(error, done, current);
      return [];
    }
  }

  #undo(error: unknown, done: readonly Done[], current: Job | undefined): void {
    const touched = done.map(({ job }) => job);
    try {
      if (this.#options.database.isInTransaction) this.#options.database.exec('ROLLBACK');
    } catch (rollbackError) {
      for (const job of touched) job.refuse('unavailable');
      current?.refuse('unavailable');
      this.break(errorCode(rollbackError));
      return;
    }
    const fault = classifyDatabaseError(error);
    if (fault === undefined) {
      current?.reject(error);
      this.#jobs.unshift(...touched);
      return;
    }
    const reason = fault.kind === 'full' ? 'full' : 'unavailable';
    for (const job of touched) job.refuse(reason);
    current?.refuse(reason);
    if (fault.kind === 'full') this.#options.onFull(fault.code);
    else this.break(fault.code);
  }

  async #sync(done: readonly Done[]): Promise<void> {
    try {
      await this.#options.log.sync();
    } catch (error) {
      for (const { job } of done) job.refuse('unavailable');
      this.break(errorCode(error));
      return;
    }
    for (const { job, value } of done) job.succeed(value);
    this.#options.onSynced();
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
