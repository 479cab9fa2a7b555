/**
 * Does jobs on the mailboxes of one volume. What takes long runs in a thread of its own, one job
 * after another, so that sessions do not wait for it. With a store, which has mailboxes open, a
 * mailbox in use is closed first; without one (the site is down) it is locked meanwhile.
 */
import { Worker } from 'node:worker_threads';
import { deleteMailbox, type MailStore } from '@homeward/mailstore';
import type { CareAnswer, CareDesk, CareJob, CareValues } from './care-job.ts';
import { DeletedAccounts, type DeletedAccountsOptions } from './deleted-accounts.ts';
import type { HeavyJob } from './heavy-job.ts';

export interface CareDeskOptions extends DeletedAccountsOptions {
  /** Undefined where no worker runs. */
  readonly store: Pick<MailStore, 'deleteMailbox'> | undefined;
  readonly nowMs: () => number;
}

const ENTRY = new URL('./care-worker.ts', import.meta.url);

/** Needs no closing: a job under way keeps its process. */
export function createCareDesk(options: CareDeskOptions): CareDesk {
  const desk = new Desk(options);
  return {
    run: async <Kind extends CareJob['kind']>(
      job: Extract<CareJob, { readonly kind: Kind }>,
    ): Promise<CareAnswer<CareValues[Kind]>> => {
      try {
        return (await desk.run(job)) as CareAnswer<CareValues[Kind]>;
      } catch (error) {
        return { ok: false, reason: 'failed', detail: describe(error) };
      }
    },
  };
}

class Desk {
  readonly #options: CareDeskOptions;
  readonly #deleted: DeletedAccounts;
  #lastHeavy: Promise<unknown> = Promise.resolve();

  constructor(options: CareDeskOptions) {
    this.#options = options;
    this.#deleted = new DeletedAccounts(options);
  }

  async run(job: CareJob): Promise<CareAnswer> {
    const { root, nowMs } = this.#options;
    switch (job.kind) {
      case 'backup':
        return this.#runHeavy({ ...job, root, nowMs: nowMs() });
      case 'restore':
        return this.#restore(job);
      case 'delete':
        return this.#delete(job);
      case 'list-deleted':
        return { ok: true, value: await this.#deleted.list() };
      case 'read-deleted':
        return this.#deleted.read(job.accountId, job.deletedMs);
      case 'undelete':
        return this.#deleted.bringBack(job.accountId, job.deletedMs);
      case 'purge':
        return { ok: true, value: await this.#deleted.purge(job.deletedBeforeMs) };
    }
  }

  /** Run twice it notes the account once more: the first run may not have come so far. */
  async #delete(job: Extract<CareJob, { readonly kind: 'delete' }>): Promise<CareAnswer> {
    const moved = await this.#moveAside(job.accountId);
    if (!moved.ok && moved.reason !== 'nonexistent') return moved;
    return this.#deleted.note(job.accountId, job.account);
  }

  async #restore(job: Extract<CareJob, { readonly kind: 'restore' }>): Promise<CareAnswer> {
    const { root, nowMs } = this.#options;
    const { accountId, source } = job;
    const heavy: HeavyJob = { kind: 'restore', accountId, source, root, nowMs: nowMs() };
    // Before anything is moved: a source that is no backup costs nothing.
    const known = await this.#runHeavy({ kind: 'look', source });
    if (!known.ok || !job.replaces) return known.ok ? this.#runHeavy(heavy) : known;
    const moved = await this.#moveAside(accountId);
    if (!moved.ok && moved.reason !== 'nonexistent') return moved;
    const restored = await this.#runHeavy(heavy);
    if (!restored.ok && moved.ok) await this.#moveBack(accountId);
    return restored;
  }

  async #moveAside(accountId: string): Promise<CareAnswer> {
    const { root, store, nowMs } = this.#options;
    const outcome =
      store === undefined
        ? await deleteMailbox({ root, accountId, nowMs: nowMs() })
        : await store.deleteMailbox(accountId);
    if (outcome.ok) return outcome;
    const { reason } = outcome;
    return {
      ok: false,
      reason: reason === 'nonexistent' || reason === 'locked' ? reason : 'unavailable',
    };
  }

  async #moveBack(accountId: string): Promise<void> {
    const latest = (await this.#deleted.list()).find((one) => one.accountId === accountId);
    if (latest !== undefined) await this.#deleted.bringBack(accountId, latest.deletedMs);
  }

  #runHeavy(job: HeavyJob): Promise<CareAnswer> {
    const run = this.#lastHeavy.then(
      () => runInThread(job),
      () => runInThread(job),
    );
    this.#lastHeavy = run;
    return run;
  }
}

function runInThread(job: HeavyJob): Promise<CareAnswer> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(ENTRY, { workerData: job });
    worker.once('message', (answer: CareAnswer) => resolve(answer));
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`the thread ended with ${code}`)));
  });
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
