/**
 * Indexes of texts on the calling thread: one catching-up at a time, in steps between which
 * that thread's event loop turns, so that searches come in between.
 */
import type { TextQuery } from '@homeward/text-index';
import { nextTurn } from '../commit-queue.ts';
import type { TextCandidates, TextIndexer, TextIndexTarget } from './text-indexer.ts';
import { TextIndexTasks } from './text-index-tasks.ts';

/** Longest stay in one turn of the event loop, but for the last step of it. */
const TURN_MS = 5;

interface Job {
  readonly databasePath: string;
  isCancelled: boolean;
  readonly ended: Promise<boolean>;
}

export class SteppedTextIndexer implements TextIndexer {
  readonly #tasks = new TextIndexTasks();
  readonly #jobs = new Set<Job>();
  /** The catching-up so far, in order; never rejects. */
  #tail: Promise<unknown> = Promise.resolve();

  catchUp(target: TextIndexTarget): Promise<boolean> {
    const ended = this.#tail
      .then(() => this.#run(target, job))
      .finally(() => this.#jobs.delete(job));
    const job: Job = { databasePath: target.databasePath, isCancelled: false, ended };
    this.#jobs.add(job);
    this.#tail = ended.catch(() => undefined);
    return ended;
  }

  findCandidates(target: TextIndexTarget, queries: readonly TextQuery[]): Promise<TextCandidates> {
    return new Promise((resolve) => resolve(this.#tasks.findCandidates(target, queries)));
  }

  async forget(databasePath: string): Promise<void> {
    const jobs = [...this.#jobs].filter((job) => job.databasePath === databasePath);
    await this.#cancel(jobs);
    this.#tasks.forget(databasePath);
  }

  async close(): Promise<void> {
    await this.#cancel([...this.#jobs]);
    this.#tasks.close();
  }

  async #run(target: TextIndexTarget, job: Job): Promise<boolean> {
    if (job.isCancelled) return false;
    const steps = this.#tasks.catchUp(target);
    for (let sinceMs = performance.now(); ;) {
      const step = steps.next();
      if (step.done === true) return step.value;
      if (performance.now() - sinceMs < TURN_MS) continue;
      await nextTurn();
      if (job.isCancelled) {
        steps.return(false);
        return false;
      }
      sinceMs = performance.now();
    }
  }

  async #cancel(jobs: readonly Job[]): Promise<void> {
    for (const job of jobs) job.isCancelled = true;
    await Promise.allSettled(jobs.map(({ ended }) => ended));
  }
}
