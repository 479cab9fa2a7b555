/**
 * The index of texts of one open mailbox: when it is brought up to date, and what it says of
 * the messages in a folder. It is so in the background, a while after mail came or somebody
 * searched; what is not in it yet counts as found.
 */
import type { TextQuery, Uid } from '../api.ts';
import type { PublishedIndex } from '../published-index.ts';
import { errorCode } from '../store-files.ts';
import type { TextCandidates, TextIndexer, TextIndexTarget } from './text-indexer.ts';

/** After the first message that is not indexed: bursts of mail have the machine for themselves. */
const DELAY_MS = 2000;
/** After a fault, nothing is asked for so long. */
const PAUSE_MS = 60_000;

export interface MailboxTextsOptions {
  readonly indexer: TextIndexer;
  readonly target: Omit<TextIndexTarget, 'lastMessageId'>;
  /** As published. */
  readonly lastMessageId: () => number;
  readonly startTimer: (delayMs: number, run: () => void) => () => void;
  readonly onFault: (code: string) => void;
}

export class MailboxTexts {
  readonly #options: MailboxTextsOptions;
  #isStopped = false;
  #cancelPause: (() => void) | undefined;
  #cancelTimer: (() => void) | undefined;
  #catchingUp: Promise<void> | undefined;

  constructor(options: MailboxTextsOptions) {
    this.#options = options;
  }

  /** There is mail that is not in the index. */
  noteBacklog(): void {
    if (!this.#isUsable || this.#catchingUp !== undefined) return;
    this.#cancelTimer ??= this.#options.startTimer(DELAY_MS, () => {
      this.#cancelTimer = undefined;
      this.#catchingUp = this.#catchUp().finally(() => (this.#catchingUp = undefined));
    });
  }

  /**
   * For each query, the messages of a folder that may have the text: those of which the index
   * says so, and those that it does not know yet.
   *
   * @returns undefined for a query that narrows nothing.
   */
  async findCandidates(
    queries: readonly TextQuery[],
    index: PublishedIndex,
  ): Promise<readonly (ReadonlySet<Uid> | undefined)[]> {
    const found = await this.#ask(queries);
    if (found === undefined) return queries.map(() => undefined);
    if (found.watermark < this.#options.lastMessageId()) this.noteBacklog();
    return found.messageIds.map((ids) => ids && uidsOf(new Set(ids), found.watermark, index));
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

  async #ask(queries: readonly TextQuery[]): Promise<TextCandidates | undefined> {
    if (!this.#isUsable || queries.length === 0) return undefined;
    try {
      return await this.#options.indexer.findCandidates(this.#target(), queries);
    } catch (error) {
      this.#pause(error);
      return undefined;
    }
  }

  async #catchUp(): Promise<void> {
    try {
      for (let isMoreLeft = true; isMoreLeft && this.#isUsable;) {
        isMoreLeft = await this.#options.indexer.catchUp(this.#target());
      }
    } catch (error) {
      this.#pause(error);
    }
  }

  #pause(error: unknown): void {
    if (!this.#isUsable) return;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#options.onFault(errorCode(error));
    this.#cancelPause = this.#options.startTimer(PAUSE_MS, () => {
      this.#cancelPause = undefined;
      this.noteBacklog();
    });
  }

  #target(): TextIndexTarget {
    return { ...this.#options.target, lastMessageId: this.#options.lastMessageId() };
  }
}

function uidsOf(
  messageIds: ReadonlySet<number>,
  watermark: number,
  index: PublishedIndex,
): ReadonlySet<Uid> {
  const uids = new Set<Uid>();
  const { values, length } = index.uids;
  for (let at = 0; at < length; at += 1) {
    const id = index.messageIdAt(at);
    if (id > watermark || messageIds.has(id)) uids.add(values[at] as Uid);
  }
  return uids;
}
