/**
 * What goes on behind in an open mailbox while nobody waits for it: removing garbage, writing
 * the WAL back when it is long, forgetting unused combinations of flags and old expunges. Each
 * runs once at a time, through the commit queue like everything else.
 */
import { join } from 'node:path';
import { errorCode } from '@homeward/durable-store';
import type { StoreEvent } from './api.ts';
import type { CommitQueue } from './commit-queue.ts';
import type { FlagSetTable } from './flag-sets.ts';
import type { MailboxParts } from './mailbox-parts.ts';
import { isHistoryLong, pruneHistory } from './operations/prune-history.ts';
import { removeGarbage } from './operations/remove-garbage.ts';
import type { FolderRecord } from './publication.ts';

/** Between the end of a message's last place and its removal, at least. */
export const GARBAGE_DELAY_MS = 200;
/** Combinations of flags at which unused ones are looked for. */
const FLAG_SET_COUNT = 4096;
/** Of a checkpoint that failed and left everything as it was. */
const HARMLESS_CODES: ReadonlySet<string> = new Set(['SQLITE_FULL', 'EXIT']);

export interface UpkeepOptions {
  readonly parts: MailboxParts;
  readonly accountId: string;
  readonly queue: CommitQueue;
  readonly flagSets: FlagSetTable;
  /** True if some index in memory still shows the flag set of this number. */
  readonly isFlagSetPublished: (id: number) => boolean;
}

export class MailboxUpkeep {
  readonly #parts: MailboxParts;
  readonly #accountId: string;
  readonly #queue: CommitQueue;
  readonly #flagSets: FlagSetTable;
  readonly #isFlagSetPublished: (id: number) => boolean;
  #background: Promise<void> = Promise.resolve();
  #cancelCollecting: (() => void) | undefined;
  #isCollecting = false;
  /** More garbage came while files were being removed. */
  #isGarbageLeft = false;
  #isStopped = false;
  #isCheckpointing = false;
  #isPruning = false;
  readonly #pruningFolderIds = new Set<number>();
  #pruneAt = FLAG_SET_COUNT;

  constructor(options: UpkeepOptions) {
    this.#parts = options.parts;
    this.#accountId = options.accountId;
    this.#queue = options.queue;
    this.#flagSets = options.flagSets;
    this.#isFlagSetPublished = options.isFlagSetPublished;
  }

  /** Starts what has become due after these were published, or when the mailbox was opened. */
  afterPublication(leavesGarbage: boolean, folders: Iterable<FolderRecord>): void {
    if (leavesGarbage) this.#planCollecting();
    for (const folder of folders) {
      if (isHistoryLong(folder.historyCount, this.#historyCount)) this.#pruneHistory(folder.id);
    }
    if (this.#parts.log.lengthBytes > this.#parts.checkpointBytes) this.#writeBack();
    if (this.#flagSets.count > this.#pruneAt) this.#pruneFlagSets();
  }

  /** Resolves when nothing goes on behind. After the queue was stopped. */
  async whenIdle(): Promise<void> {
    // What runs may start more on its way out.
    for (let seen; seen !== this.#background;) {
      seen = this.#background;
      await seen;
    }
  }

  /** Keeps `work` within the life of the mailbox: `whenIdle` waits for it. */
  runBehind(work: () => Promise<void>): void {
    this.#background = Promise.all([this.#background, work()]).then(() => undefined);
  }

  /** Begins no more on its own. */
  stop(): void {
    this.#isStopped = true;
    this.#cancelCollecting?.();
  }

  /**
   * Soon removes what commits have left without use: their answers go out first. What is under
   * way goes on to this.
   */
  #planCollecting(): void {
    this.#isGarbageLeft = true;
    if (this.#isCollecting || this.#isStopped) return;
    this.#cancelCollecting ??= this.#parts.clock.startTimer(GARBAGE_DELAY_MS, () => {
      this.#cancelCollecting = undefined;
      this.#collectGarbage();
    });
  }

  #collectGarbage(): void {
    this.#isCollecting = true;
    this.runBehind(async () => {
      while (this.#isGarbageLeft && !this.#isStopped) {
        this.#isGarbageLeft = false;
        const removed = await this.#queue.transact((tx) => ({
          ok: true,
          value: removeGarbage(tx),
        }));
        if (!removed.ok) break;
        this.#isGarbageLeft ||= removed.value.isMoreLeft;
        await this.#removeFiles(removed.value.files);
      }
      this.#isCollecting = false;
    });
  }

  async #removeFiles(names: readonly string[]): Promise<void> {
    for (const name of names) {
      try {
        await this.#parts.files.remove(join(this.#parts.layout.messages, name));
      } catch (error) {
        this.#report('mailbox.file-removal-failed', errorCode(error));
      }
    }
  }

  /** First beside the writers, then the rest while they wait: so the WAL begins anew. */
  #writeBack(): void {
    if (this.#isCheckpointing) return;
    this.#isCheckpointing = true;
    this.runBehind(async () => {
      const { maintenance, layout } = this.#parts;
      try {
        await maintenance.checkpoint(layout.database);
        await this.#queue.runExclusively(async () => {
          await maintenance.checkpoint(layout.database);
          return { ok: true, value: undefined };
        });
      } catch (error) {
        this.#report('mailbox.maintenance-failed', errorCode(error));
        // On a full volume, or without a thread, the WAL just stays long; the next publication
        // tries again.
        if (!HARMLESS_CODES.has(errorCode(error))) this.#queue.break(errorCode(error));
      }
      this.#isCheckpointing = false;
    });
  }

  get #historyCount(): number {
    return this.#parts.limits.expungeHistoryCount;
  }

  #pruneHistory(folderId: number): void {
    if (this.#pruningFolderIds.has(folderId)) return;
    this.#pruningFolderIds.add(folderId);
    this.runBehind(async () => {
      for (let isMoreLeft = true; isMoreLeft;) {
        const pruned = await this.#queue.transact((tx) =>
          pruneHistory(tx, folderId, this.#historyCount),
        );
        isMoreLeft = pruned.ok && pruned.value;
      }
      this.#pruningFolderIds.delete(folderId);
    });
  }

  #pruneFlagSets(): void {
    if (this.#isPruning) return;
    this.#isPruning = true;
    this.runBehind(async () => {
      const pruned = await this.#queue.transact((tx) => {
        tx.flagSets.retireUnused();
        return { ok: true, value: undefined };
      });
      if (pruned.ok) {
        this.#flagSets.dropRetired(this.#isFlagSetPublished);
        this.#pruneAt = Math.max(FLAG_SET_COUNT, 2 * this.#flagSets.count);
      }
      this.#isPruning = false;
    });
  }

  #report(name: StoreEvent['name'], code: string): void {
    this.#parts.report({ name, accountId: this.#accountId, code });
  }
}
