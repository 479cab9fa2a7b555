/**
 * The index of texts of one open mailbox: when it is brought up to date, and what it says of
 * the messages in a folder. What is not in it yet counts as found.
 *
 * It is brought up to date in the background, once no mail has come for a moment: bursts of
 * mail have the machine for themselves. One that does not end is followed slowly.
 */
import { errorCode } from '@homeward/durable-store';
import type { TextQuery, Uid } from '../api.ts';
import type { PublishedIndex } from '../published-index.ts';
import type { TextCandidates, TextIndexer, TextIndexTarget } from './text-indexer.ts';
import { candidateUids } from './candidate-uids.ts';

/** Without a new message for so long, a mailbox is quiet. */
const QUIET_MS = 500;
/** Then the first message that waits need not wait for quiet any longer. */
const MOST_WAIT_MS = 30_000;
/** Rest after each part of the work while the mailbox is not quiet. */
const BUSY_REST_MS = 100;
/** After a fault, nothing is asked for so long. */
const PAUSE_MS = 60_000;

export interface MailboxTextsOptions {
  readonly indexer: TextIndexer;
  readonly target: Omit<TextIndexTarget, 'lastMessageId'>;
  /** As published. */
  readonly lastMessageId: () => number;
  readonly nowMs: () => number;
  readonly startTimer: (delayMs: number, run: () => void) => () => void;
  readonly onFault: (code: string) => void;
  /** Messages are there that cannot be made sense of. */
  readonly onUnreadable: (count: number) => void;
}

export class MailboxTexts {
  readonly #options: MailboxTextsOptions;
  #isStopped = false;
  /** The latest call failed, and that was told. */
  #isFaulty = false;
  #latestArrivalMs = -Infinity;
  #waitingSinceMs = 0;
  #cancelPause: (() => void) | undefined;
  /** Of the wait for quiet, or of a rest. */
  #cancelTimer: (() => void) | undefined;
  #catchingUp: Promise<void> | undefined;

  constructor(options: MailboxTextsOptions) {
    this.#options = options;
  }

  /** New messages were published. */
  noteArrival(): void {
    this.#latestArrivalMs = this.#options.nowMs();
    this.#noteBacklog();
  }

  /**
   * For each query, the messages of a folder that may have the text: those of which the index
   * says so, and those that it does not know yet. One query is asked after the other, so that
   * many of one session do not hold up those of others.
   *
   * @returns undefined for a query that narrows nothing.
   */
  async findCandidates(
    queries: readonly TextQuery[],
    index: PublishedIndex,
  ): Promise<readonly (ReadonlySet<Uid> | undefined)[]> {
    const sets: (ReadonlySet<Uid> | undefined)[] = [];
    for (const query of queries) {
      const found = await this.#ask(query);
      sets.push(found && candidateUids(found, index));
      if (found !== undefined && found.watermark < this.#options.lastMessageId()) {
        this.#noteBacklog();
      }
    }
    return sets;
  }

  /** Resolves when none of the mailbox's files is in use here. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancelTimer?.();
    this.#cancelPause?.();
    try {
      await this.#options.indexer.forget(this.#options.target.databasePath);
    } catch (error) {
      this.#options.onFault(errorCode(error));
    }
    await this.#catchingUp;
  }

  get #isUsable(): boolean {
    return !this.#isStopped && this.#cancelPause === undefined;
  }

  get #isQuiet(): boolean {
    return this.#options.nowMs() - this.#latestArrivalMs >= QUIET_MS;
  }

  /** There is mail that is not in the index. */
  #noteBacklog(): void {
    if (!this.#isUsable || this.#catchingUp !== undefined || this.#cancelTimer !== undefined) {
      return;
    }
    this.#waitingSinceMs = this.#options.nowMs();
    this.#waitForQuiet();
  }

  #waitForQuiet(): void {
    this.#cancelTimer = this.#options.startTimer(QUIET_MS, () => {
      this.#cancelTimer = undefined;
      const waitedMs = this.#options.nowMs() - this.#waitingSinceMs;
      if (this.#isQuiet || waitedMs >= MOST_WAIT_MS) this.#startCatchingUp();
      else this.#waitForQuiet();
    });
  }

  #startCatchingUp(): void {
    this.#catchingUp = this.#catchUp().then((upToId) => {
      this.#catchingUp = undefined;
      if (upToId < this.#options.lastMessageId()) this.#noteBacklog();
    });
  }

  /** @returns Up to which message nothing is left to be done. */
  async #catchUp(): Promise<number> {
    const { indexer, onUnreadable } = this.#options;
    let target = this.#target();
    try {
      while (this.#isUsable) {
        target = this.#target();
        const progress = await indexer.catchUp(target);
        if (progress.unreadableCount > 0) onUnreadable(progress.unreadableCount);
        if (!progress.isMoreLeft) break;
        await this.#rest(this.#isQuiet ? progress.restMs : Math.max(progress.restMs, BUSY_REST_MS));
      }
    } catch (error) {
      this.#pause(error);
    }
    return target.lastMessageId;
  }

  /** `stop` cuts it short. */
  async #rest(restMs: number): Promise<void> {
    if (restMs < 1 || !this.#isUsable) return;
    await new Promise<void>((resolve) => {
      const cancel = this.#options.startTimer(restMs, resolve);
      this.#cancelTimer = () => {
        cancel();
        resolve();
      };
    });
    this.#cancelTimer = undefined;
  }

  async #ask(query: TextQuery): Promise<TextCandidates | undefined> {
    if (!this.#isUsable) return undefined;
    try {
      const found = await this.#options.indexer.findCandidates(this.#target(), query);
      this.#isFaulty = false;
      return found;
    } catch (error) {
      this.#pause(error);
      return undefined;
    }
  }

  #pause(error: unknown): void {
    if (!this.#isUsable) return;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    if (!this.#isFaulty) this.#options.onFault(errorCode(error));
    this.#isFaulty = true;
    this.#cancelPause = this.#options.startTimer(PAUSE_MS, () => {
      this.#cancelPause = undefined;
      this.#noteBacklog();
    });
  }

  #target(): TextIndexTarget {
    return { ...this.#options.target, lastMessageId: this.#options.lastMessageId() };
  }
}
