/**
 * What is put off of the descriptions of messages that came alone: made while the sync of their
 * commit runs, readable from memory meanwhile, and written a moment later, many at once: with
 * the next message, or when none comes. What a power cut takes away, readers make anew.
 */
import type { RestDescription } from './api.ts';
import type { MailboxTransaction } from './mailbox-transaction.ts';
import { insertRest } from './operations/append-messages.ts';
import type { Publication } from './publication.ts';

/** Messages from which on the next one takes them along: about 0.5 ms, and 1 MB at most. */
const MANY = 32;
/** Without that many, they are written after so long. */
const WAIT_MS = 200;
/** Readers make it of the message. */
const NOTHING: RestDescription = { header: undefined };

export interface RestDescriptionsOptions {
  readonly startTimer: (delayMs: number, run: () => void) => () => void;
  /** Runs this in a transaction of its own; nobody waits for it. */
  readonly writeBehind: (write: (tx: MailboxTransaction) => void) => void;
  /** Hears of a describer that threw: a bug, which costs the message its rest and nobody else. */
  readonly onFault: (error: unknown) => void;
}

/** How to make it, which holds on to the message, and then what was made. */
interface PutOff {
  rest: RestDescription | (() => RestDescription);
}

/** Of one open mailbox. */
export class RestDescriptions {
  readonly #options: RestDescriptionsOptions;
  /** By message id; not in the database as far as is committed. */
  readonly #putOff = new Map<number, PutOff>();
  /** Those that are not made yet. */
  #unmade: PutOff[] = [];
  #cancelTimer: (() => void) | undefined;
  #isStopped = false;

  constructor(options: RestDescriptionsOptions) {
    this.#options = options;
  }

  /** Takes what a commit put off, and lets go what it wrote. */
  noteCommit({ putOff, madeUp }: Publication): void {
    for (const id of madeUp) this.#putOff.delete(id);
    if (putOff.size === 0) return;
    // The sync of this commit is begun before the loop turns, and has the time.
    if (this.#unmade.length === 0) setImmediate(() => this.#makeAll());
    for (const [id, describe] of putOff) {
      const entry = { rest: describe };
      this.#putOff.set(id, entry);
      this.#unmade.push(entry);
    }
    if (!this.#isStopped)
      this.#cancelTimer ??= this.#options.startTimer(WAIT_MS, () => this.#flush());
  }

  /** @returns undefined if the database has all there is. */
  find(messageId: number): RestDescription | undefined {
    const entry = this.#putOff.get(messageId);
    return entry === undefined ? undefined : this.#make(entry);
  }

  /** Writes them with another transaction, if they are many. */
  writeMany(tx: MailboxTransaction): void {
    if (this.#putOff.size >= MANY) this.#write(tx);
  }

  /** Writes what there is for the last time, behind; later commits are no longer followed. */
  stop(): void {
    this.#isStopped = true;
    this.#cancelTimer?.();
    this.#flush();
  }

  #flush(): void {
    this.#cancelTimer = undefined;
    if (this.#putOff.size > 0) this.#options.writeBehind((tx) => this.#write(tx));
  }

  #write(tx: MailboxTransaction): void {
    const isThere = tx.database.statement('SELECT 1 FROM message WHERE id = ?');
    for (const [id, entry] of this.#putOff) {
      // It may have been removed meanwhile.
      if (isThere.row(id) !== undefined) insertRest(tx, id, this.#make(entry));
    }
    tx.noteMadeUp([...this.#putOff.keys()]);
  }

  #makeAll(): void {
    const unmade = this.#unmade;
    this.#unmade = [];
    for (const entry of unmade) this.#make(entry);
  }

  /** Never throws: it runs where no session waits, and within the transactions of others. */
  #make(entry: PutOff): RestDescription {
    if (typeof entry.rest !== 'function') return entry.rest;
    const describe = entry.rest;
    entry.rest = NOTHING;
    try {
      entry.rest = describe();
    } catch (error) {
      this.#options.onFault(error);
    }
    return entry.rest;
  }
}
