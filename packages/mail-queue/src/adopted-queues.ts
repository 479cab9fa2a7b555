/**
 * Queues of workers that are no more: one worker takes them over, delivers what is in them, and
 * removes them when they are empty. Nothing is moved: each stays in its own folder, behind its
 * own lock, until then.
 */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '@homeward/durable-store';
import { MailQueue, type MailQueueOptions } from './mail-queue.ts';
import { REMOVED_PREFIX, workerIndexOf } from './storage/queue-layout.ts';

export interface AdoptionOptions extends Omit<MailQueueOptions, 'workerIndex'> {
  /** Workers that there are; queues of others are adopted. */
  readonly workerCount: number;
}

/** How often it is looked whether one has become empty. */
const LOOK_MS = 30_000;

/** Close them. */
export class AdoptedQueues {
  readonly #options: AdoptionOptions;
  readonly #queues = new Map<number, MailQueue>();
  #cancelLook: (() => void) | undefined;
  #removing: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(options: AdoptionOptions) {
    this.#options = options;
  }

  get queues(): readonly MailQueue[] {
    return [...this.#queues.values()];
  }

  async start(): Promise<void> {
    for (const name of await this.#listFolders()) {
      // Its end was not reached the last time.
      if (name.startsWith(REMOVED_PREFIX)) {
        await rm(join(this.#options.root, name), { recursive: true, force: true });
      }
      const workerIndex = workerIndexOf(name);
      if (workerIndex === undefined || workerIndex < this.#options.workerCount) continue;
      const queue = new MailQueue({ ...this.#options, workerIndex });
      this.#queues.set(workerIndex, queue);
      await queue.start();
    }
    this.#plan();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelLook?.();
    await this.#removing;
    await Promise.all(this.queues.map((queue) => queue.close()));
  }

  async #listFolders(): Promise<readonly string[]> {
    try {
      return await readdir(this.#options.root);
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return [];
      throw error;
    }
  }

  #plan(): void {
    if (this.#queues.size === 0 || this.#isClosed) return;
    this.#cancelLook = this.#options.clock.after(LOOK_MS, () => {
      this.#removing = this.#removeEmpty().then(() => this.#plan());
    });
  }

  async #removeEmpty(): Promise<void> {
    for (const [workerIndex, queue] of this.#queues) {
      const open = queue.current;
      if (open === undefined || open.store.messageCount + open.dispatcher.claimedCount > 0)
        continue;
      await queue.closeAndRemove();
      this.#queues.delete(workerIndex);
      this.#options.report({ name: 'adopted-emptied', workerIndex });
    }
  }
}
