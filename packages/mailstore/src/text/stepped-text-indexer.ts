/**
 * Indexes of texts on the calling thread: one catching-up at a time, in steps between which
 * that thread's event loop turns, so that searches come in between.
 */
import type { TextQuery } from '@homeward/text-index';
import { nextTurn } from '../commit-queue.ts';
import { TextIndexTasks } from './text-index-tasks.ts';
import type {
  TextCandidates,
  TextIndexer,
  TextIndexProgress,
  TextIndexTarget,
} from './text-indexer.ts';

/** Longest stay in one turn of the event loop, but for the last step of it. */
const TURN_MS = 5;
const CANCELLED: TextIndexProgress = { isMoreLeft: true, unreadableCount: 0, restMs: 0 };

interface Job {
  readonly databasePath: string;
  isRunning: boolean;
  isCancelled: boolean;
  readonly ended: Promise<TextIndexProgress>;
  /** Answers whoever waits for it before its turn has come. */
  readonly giveUp: (progress: TextIndexProgress) => void;
}

export class SteppedTextIndexer implements TextIndexer {
  readonly #tasks = new TextIndexTasks();
  readonly #jobs = new Set<Job>();
  readonly #isGentle: boolean;
  /** The catching-up so far, in order; never rejects. */
  #tail: Promise<unknown> = Promise.resolve();

  /** @param options `isGentle`: the thread gives way to others by itself, and need not rest. */
  constructor(options: { readonly isGentle: boolean } = { isGentle: true }) {
    this.#isGentle = options.isGentle;
  }

  catchUp(target: TextIndexTarget): Promise<TextIndexProgress> {
    const ended = this.#tail
      .then(() => this.#run(target, job))
      .finally(() => this.#jobs.delete(job));
    const { databasePath } = target;
    const { promise: givenUp, resolve: giveUp } = Promise.withResolvers<TextIndexProgress>();
    const job: Job = { databasePath, isRunning: false, isCancelled: false, ended, giveUp };
    this.#jobs.add(job);
    this.#tail = ended.catch(() => undefined);
    return Promise.race([ended, givenUp]);
  }

  findCandidates(target: TextIndexTarget, query: TextQuery): Promise<TextCandidates> {
    return new Promise((resolve) => resolve(this.#tasks.findCandidates(target, query)));
  }

  async forget(databasePath: string): Promise<void> {
    await this.#cancel([...this.#jobs].filter((job) => job.databasePath === databasePath));
    this.#tasks.forget(databasePath);
  }

  async close(): Promise<void> {
    await this.#cancel([...this.#jobs]);
    this.#tasks.close();
  }

  async #run(target: TextIndexTarget, job: Job): Promise<TextIndexProgress> {
    if (job.isCancelled) return CANCELLED;
    job.isRunning = true;
    const startedMs = performance.now();
    const steps = this.#tasks.catchUp(target);
    for (let sinceMs = startedMs; ;) {
      const step = steps.next();
      if (step.done === true) {
        return { ...step.value, restMs: this.#isGentle ? 0 : performance.now() - startedMs };
      }
      if (performance.now() - sinceMs < TURN_MS) continue;
      await nextTurn();
      if (job.isCancelled) {
        steps.return({ isMoreLeft: true, unreadableCount: 0 });
        return CANCELLED;
      }
      sinceMs = performance.now();
    }
  }

  /** Those whose turn has not come will do nothing when it comes: nobody waits for that. */
  async #cancel(jobs: readonly Job[]): Promise<void> {
    for (const job of jobs) {
      job.isCancelled = true;
      if (!job.isRunning) job.giveUp(CANCELLED);
    }
    const running = jobs.filter(({ isRunning }) => isRunning);
    await Promise.allSettled(running.map(({ ended }) => ended));
  }
}
