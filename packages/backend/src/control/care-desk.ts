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
  readonly store: Pick<MailStore, 'whileClosed'> | undefined;
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
      case 'verify': {
        const heavy: HeavyJob = { ...job, root, nowMs: nowMs() };
        if (!job.mends) return this.#runHeavy(heavy);
        return this.#alone(job.accountId, () => this.#runHeavy(heavy));
      }
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
    const moved = await this.#alone(job.accountId, () => this.#moveAside(job.accountId));
    if (!moved.ok && moved.reason !== 'nonexistent') return moved;
    return this.#deleted.note(job.accountId, job.account);
  }

  async #restore(job: Extract<CareJob, { readonly kind: 'restore' }>): Promise<CareAnswer> {
    // Before anything is moved: a source that is no backup costs nothing.
    const known = await this.#runHeavy({ kind: 'look', source: job.source });
    return known.ok ? this.#alone(job.accountId, () => this.#replace(job)) : known;
  }

  async #replace({
    accountId,
    source,
    replaces,
  }: Extract<CareJob, { readonly kind: 'restore' }>): Promise<CareAnswer> {
    const { root, nowMs } = this.#options;
    const moved = replaces ? await this.#moveAside(accountId) : undefined;
    if (moved?.ok === false && moved.reason !== 'nonexistent') return moved;
    const restored = await this.#runHeavy({
      kind: 'restore',
      accountId,
      source,
      root,
      nowMs: nowMs(),
    });
    if (!restored.ok && moved?.ok === true) await this.#moveBack(accountId);
    return restored;
  }

  /** Nobody has the mailbox open meanwhile. Without a store the lock sees to that. */
  async #alone(accountId: string, work: () => Promise<CareAnswer>): Promise<CareAnswer> {
    const { store } = this.#options;
    if (store === undefined) return work();
    const outcome = await store.whileClosed(accountId, work);
    return outcome.ok ? outcome.value : outcome;
  }

  async #moveAside(accountId: string): Promise<CareAnswer> {
    const { root, nowMs } = this.#options;
    return deleteMailbox({ root, accountId, nowMs: nowMs() });
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
