/**
 * All writing to one mailbox, one job after another, and the group commit: transactions run
 * on the event loop and are short; then one sync of the WAL, off the loop, serves every
 * commit that waits; then their changes are published, in order, and their callers told.
 *
 * Invariants
 * - Nothing of a transaction leaves before the sync of its commit: also a refusal waits for
 *   the syncs of the commits before it, since it may follow from them.
 * - A failed sync, or an I/O error of the database, breaks the mailbox for good: all waiting
 *   callers are refused, and no job runs any more.
 * - A job in steps keeps its transaction, and the queue, over turns of the event loop; other
 *   mailboxes go on in between.
 */
import {
  classifyDatabaseError,
  type Database,
  errorCode,
  type WalLog,
} from '@homeward/durable-store';
import type { Outcome, StoreEvent } from './api.ts';
import type { FlagSetTable } from './flag-sets.ts';
import { MailboxTransaction } from './mailbox-transaction.ts';
import type { Publication } from './publication.ts';

/** Longest stay in one turn of the event loop, but for the last job of it. */
const TURN_BUDGET_MS = 8;

export interface CommitQueueOptions {
  readonly accountId: string;
  readonly database: Database;
  readonly flagSets: FlagSetTable;
  readonly log: WalLog;
  readonly nowMs: () => number;
  /** Shows synced changes. Called in the order of the commits, listeners told at the end. */
  readonly publish: (publications: readonly Publication[]) => void;
  /** Called right behind each COMMIT: it is not durable yet, and nobody may hear of it. */
  readonly onCommitted: (publication: Publication) => void;
  readonly onBroken: () => void;
  readonly report: (event: StoreEvent) => void;
}

/** A part of a longer job: `yield` lets the event loop turn. */
export type Steps<Value> = Generator<undefined, Outcome<Value>>;

/** Runs all steps now: for work that is known to be short. */
export function runAtOnce<Value>(steps: Steps<Value>): Outcome<Value> {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

interface Job {
  /** A promise if the job keeps the queue for longer than this turn. */
  run(): Promise<void> | undefined;
  refuse(): void;
}

interface Waiter {
  readonly publication: Publication | undefined;
  settle(isDurable: boolean): void;
}

const UNAVAILABLE = { ok: false, reason: 'unavailable' } as const;

export class CommitQueue {
  readonly #options: CommitQueueOptions;
  #jobs: Job[] = [];
  #isDraining = false;
  #running: Promise<void> | undefined;
  #waiters: Waiter[] = [];
  #syncing: Promise<void> | undefined;
  #isStopped = false;
  #commitNumber = 0;
  #turnSpentMs = 0;

  constructor(options: CommitQueueOptions) {
    this.#options = options;
  }

  /** Number of the latest commit, published or not. */
  get commitNumber(): number {
    return this.#commitNumber;
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** Runs `work` in a transaction; a refusal rolls it back. At once if nothing waits. */
  transact<Value>(work: (tx: MailboxTransaction) => Outcome<Value>): Promise<Outcome<Value>> {
    return new Promise((resolve, reject) => {
      this.#submit({
        run: () => {
          const running = this.#begin(resolve, reject);
          if (running === undefined) return undefined;
          try {
            this.#end(work(running.tx), running, resolve);
          } catch (error) {
            this.#undo(error, resolve, reject);
          }
          return undefined;
        },
        refuse: () => resolve(UNAVAILABLE),
      });
    });
  }

  /** The same for work that yields between its parts, still in one transaction. */
  transactInSteps<Value>(work: (tx: MailboxTransaction) => Steps<Value>): Promise<Outcome<Value>> {
    return new Promise((resolve, reject) => {
      this.#submit({
        run: () => this.#runSteps(work, resolve, reject),
        refuse: () => resolve(UNAVAILABLE),
      });
    });
  }

  /** Runs `work` while no transaction does. */
  runExclusively<Value>(work: () => Promise<Outcome<Value>>): Promise<Outcome<Value>> {
    return new Promise((resolve, reject) => {
      this.#submit({
        run: async () => {
          try {
            resolve(await work());
          } catch (error) {
            this.#fail(error, resolve, reject);
          }
        },
        refuse: () => resolve(UNAVAILABLE),
      });
    });
  }

  /** Resolves when all commits made so far are durable and published. */
  whenSynced(): Promise<Outcome<void>> {
    if (this.#isStopped) return Promise.resolve(UNAVAILABLE);
    return new Promise((resolve) =>
      this.#awaitSync(undefined, { ok: true, value: undefined }, resolve),
    );
  }

  /** Refuses everything from now on; for a fault found elsewhere as well. */
  break(code: string): void {
    if (this.#isStopped) return;
    this.#options.report({ name: 'mailbox.broke', accountId: this.#options.accountId, code });
    this.#refuseAll();
    this.#options.onBroken();
  }

  /** Orderly end: waits for jobs and syncs under way, then refuses everything. */
  async stop(): Promise<void> {
    while (!this.#isStopped && (this.#jobs.length > 0 || this.#running !== undefined)) {
      await (this.#running ?? nextTurn());
    }
    if (!this.#isStopped) await this.whenSynced();
    this.#refuseAll();
    await this.settled();
  }

  /** Resolves when nothing touches the database or the log any more. After `break`. */
  async settled(): Promise<void> {
    await this.#running;
    await this.#syncing;
  }

  #refuseAll(): void {
    this.#isStopped = true;
    const jobs = this.#jobs;
    const waiters = this.#waiters;
    this.#jobs = [];
    this.#waiters = [];
    for (const job of jobs) job.refuse();
    for (const waiter of waiters) waiter.settle(false);
  }

  #submit(job: Job): void {
    if (this.#isStopped) {
      job.refuse();
      return;
    }
    this.#jobs.push(job);
    if (!this.#isDraining && this.#running === undefined) this.#drain();
  }

  #drain(): void {
    this.#isDraining = true;
    while (this.#running === undefined) {
      const job = this.#jobs.shift();
      if (job === undefined) break;
      const startedMs = performance.now();
      const running = job.run();
      if (running !== undefined) this.#running = running.finally(() => this.#resume());
      else if (this.#isTurnSpent(performance.now() - startedMs)) {
        this.#running = nextTurn().then(() => this.#resume());
      }
    }
    this.#isDraining = false;
  }

  /** Counts over all that one turn submits, since each job runs at once if none waits. */
  #isTurnSpent(jobMs: number): boolean {
    if (this.#turnSpentMs === 0) setImmediate(() => (this.#turnSpentMs = 0));
    this.#turnSpentMs += Math.max(jobMs, Number.EPSILON);
    return this.#turnSpentMs >= TURN_BUDGET_MS;
  }

  #resume(): void {
    this.#running = undefined;
    if (!this.#isStopped) this.#drain();
  }

  async #runSteps<Value>(
    work: (tx: MailboxTransaction) => Steps<Value>,
    resolve: (outcome: Outcome<Value>) => void,
    reject: (error: unknown) => void,
  ): Promise<void> {
    const running = this.#begin(resolve, reject);
    if (running === undefined) return;
    try {
      const steps = work(running.tx);
      for (let step = steps.next(); ; step = steps.next()) {
        if (step.done === true) {
          this.#end(step.value, running, resolve);
          return;
        }
        await nextTurn();
        if (this.#isStopped) {
          this.#rollback();
          resolve(UNAVAILABLE);
          return;
        }
      }
    } catch (error) {
      this.#undo(error, resolve, reject);
    }
  }

  #begin<Value>(
    resolve: (outcome: Outcome<Value>) => void,
    reject: (error: unknown) => void,
  ): { readonly tx: MailboxTransaction } | undefined {
    const { database, flagSets, nowMs } = this.#options;
    try {
      database.statement('BEGIN IMMEDIATE').run();
      return { tx: new MailboxTransaction(database, flagSets, nowMs()) };
    } catch (error) {
      this.#undo(error, resolve, reject);
      return undefined;
    }
  }

  #end<Value>(
    outcome: Outcome<Value>,
    running: { readonly tx: MailboxTransaction },
    resolve: (outcome: Outcome<Value>) => void,
  ): void {
    if (!outcome.ok) {
      this.#rollback();
      this.#awaitSync(undefined, outcome, resolve);
      return;
    }
    const publication = running.tx.finish(this.#commitNumber + 1);
    this.#options.database.statement('COMMIT').run();
    this.#options.onCommitted(publication);
    this.#options.flagSets.commit();
    this.#options.log.mark();
    this.#commitNumber += 1;
    this.#awaitSync(publication, outcome, resolve);
  }

  #undo<Value>(
    error: unknown,
    resolve: (outcome: Outcome<Value>) => void,
    reject: (error: unknown) => void,
  ): void {
    try {
      this.#rollback();
    } catch (rollbackError) {
      this.break(errorCode(rollbackError));
    }
    this.#fail(error, resolve, reject);
  }

  #rollback(): void {
    this.#options.flagSets.rollback();
    if (this.#options.database.isInTransaction) this.#options.database.exec('ROLLBACK');
  }

  #fail<Value>(
    error: unknown,
    resolve: (outcome: Outcome<Value>) => void,
    reject: (error: unknown) => void,
  ): void {
    const fault = classifyDatabaseError(error);
    if (fault === undefined) {
      reject(error);
      return;
    }
    if (fault.kind === 'fatal') {
      this.break(fault.code);
      resolve(UNAVAILABLE);
      return;
    }
    const { accountId } = this.#options;
    this.#options.report({ name: 'mailbox.volume-full', accountId, code: fault.code });
    this.#awaitSync(undefined, UNAVAILABLE, resolve);
  }

  #awaitSync<Value>(
    publication: Publication | undefined,
    outcome: Outcome<Value>,
    resolve: (outcome: Outcome<Value>) => void,
  ): void {
    if (this.#isStopped) {
      resolve(UNAVAILABLE);
      return;
    }
    const isClean = this.#waiters.length === 0 && this.#syncing === undefined;
    if (publication === undefined && isClean) {
      resolve(outcome);
      return;
    }
    const settle = (isDurable: boolean): void => resolve(isDurable ? outcome : UNAVAILABLE);
    this.#waiters.push({ publication, settle });
    this.#planSync();
  }

  #planSync(): void {
    this.#syncing ??= this.#syncGroups();
  }

  async #syncGroups(): Promise<void> {
    // After the current callback, so that commits made together share one sync.
    await Promise.resolve();
    while (this.#waiters.length > 0 && !this.#isStopped) await this.#syncGroup();
    this.#syncing = undefined;
  }

  async #syncGroup(): Promise<void> {
    const waiters = this.#waiters;
    this.#waiters = [];
    const publications = waiters.flatMap(({ publication }) => publication ?? []);
    try {
      // A group of mere refusals that came while the last sync ran has nothing to sync.
      if (publications.length > 0) await this.#options.log.sync();
    } catch (error) {
      for (const waiter of waiters) waiter.settle(false);
      this.break(errorCode(error));
      return;
    }
    if (!this.#isStopped) this.#options.publish(publications);
    for (const waiter of waiters) waiter.settle(!this.#isStopped);
  }
}

/** Lets the event loop turn once. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
