/**
 * Finds what is due and sees that it is tried: at once when it comes in, then at its time, or
 * when its destination has room. Each message is in one pair of hands at a time (`#claimed`).
 *
 * Memory is bounded: so many messages at once, and of each what `MessageAttempt` holds.
 */
import type { QueueClock } from '../ports.ts';
import type { DuePosition, QueueStore } from '../storage/open-queue-store.ts';
import type { DestinationLines } from './destination-lines.ts';
import { type AttemptParts, MessageAttempt } from './message-attempt.ts';

export interface DispatcherParts extends Omit<AttemptParts, 'signal'> {
  readonly store: QueueStore;
  readonly lines: DestinationLines;
  readonly clock: QueueClock;
}

/** Messages in hand at once; more wait in their rows. */
const CLAIM_COUNT = 500;
/** Rows looked for at once. */
const BATCH_COUNT = 100;
/** After a bug in an attempt; also the longest sleep, since clocks may be set. */
const LONG_MS = 60_000;
/** What is due within such a time is taken up together. */
const SHORT_MS = 50;
const START: DuePosition = { dueMs: -1, id: -1 };

export class Dispatcher {
  readonly #parts: DispatcherParts;
  readonly #claimed = new Map<number, Promise<void>>();
  readonly #abort = new AbortController();
  readonly #stopListening: () => void;
  /** All that is due up to here is in hand. */
  #position = START;
  #lastMs = 0;
  #isMoreDue = false;
  #cancelTimer: (() => void) | undefined;

  constructor(parts: DispatcherParts) {
    this.#parts = parts;
    this.#stopListening = parts.lines.onRoom((key) => this.#pull(key));
  }

  /** Messages in hand. */
  get claimedCount(): number {
    return this.#claimed.size;
  }

  isClaimed(id: number): boolean {
    return this.#claimed.has(id);
  }

  /** Whether a new message would be tried at once. */
  get hasRoom(): boolean {
    return !this.#abort.signal.aborted && this.#claimed.size < CLAIM_COUNT;
  }

  /** Tries what has just come in and says already that it is being tried. */
  startFresh(id: number): void {
    if (!this.#abort.signal.aborted) this.#claim(id, true, undefined);
  }

  /** Looks at everything anew, after what is due was changed from outside. */
  rescan(): void {
    this.#position = START;
    this.look();
  }

  /** Takes up what is due, as far as there is room, and sleeps until more is. */
  look(): void {
    if (this.#abort.signal.aborted || this.#parts.store.writes.isBroken) return;
    const nowMs = this.#parts.clock.nowMs();
    // The clock was set back: what was put off in the meantime may lie before the position.
    if (nowMs < this.#lastMs) this.#position = START;
    this.#lastMs = nowMs;
    this.#isMoreDue = !this.#takeUp(nowMs);
    this.#sleep(nowMs);
  }

  /** Ends attempts soon; resolves when none is under way. */
  async stop(): Promise<void> {
    this.#stopListening();
    this.#cancelTimer?.();
    this.#abort.abort();
    while (this.#claimed.size > 0) await Promise.all(this.#claimed.values());
  }

  /** @returns Whether nothing that is due is left. */
  #takeUp(nowMs: number): boolean {
    const { store } = this.#parts;
    for (;;) {
      if (!this.hasRoom) return false;
      const room = Math.min(BATCH_COUNT, CLAIM_COUNT - this.#claimed.size);
      const due = store.listDue(this.#position, nowMs, room);
      for (const position of due) {
        this.#position = position;
        this.#claim(position.id, false, undefined);
      }
      if (due.length < room) return true;
    }
  }

  #sleep(nowMs: number): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    if (this.#isMoreDue) return;
    const [next] = this.#parts.store.listDue(this.#position, Number.MAX_SAFE_INTEGER, 1);
    if (next === undefined) return;
    const delayMs = Math.min(Math.max(SHORT_MS, next.dueMs - nowMs), LONG_MS);
    this.#cancelTimer = this.#parts.clock.after(delayMs, () => this.look());
  }

  #pull(key: string): void {
    const { store } = this.#parts;
    if (!this.hasRoom || store.writes.isBroken) return;
    const room = Math.min(BATCH_COUNT, CLAIM_COUNT - this.#claimed.size);
    for (const id of store.listLinedUp(key, room)) this.#claim(id, false, key);
  }

  #claim(id: number, isFresh: boolean, pulledBy: string | undefined): void {
    if (this.#claimed.has(id)) return;
    const running = this.#run(id, isFresh, pulledBy).finally(() => {
      this.#claimed.delete(id);
      if (this.#isMoreDue) this.look();
      else this.#wakeFor(id);
    });
    this.#claimed.set(id, running);
  }

  async #run(id: number, isFresh: boolean, pulledBy: string | undefined): Promise<void> {
    try {
      const loaded = this.#parts.store.load(id);
      if (loaded === undefined || loaded.message.isHeld) return;
      const parts = { ...this.#parts, signal: this.#abort.signal };
      const notices = await new MessageAttempt(parts, loaded, isFresh).run(pulledBy);
      for (const notice of notices) this.startFresh(notice);
    } catch (error) {
      this.#parts.report({ name: 'bug', error });
      this.#parts.clock.after(LONG_MS, () => this.rescan());
    }
  }

  /** What was put off in the meantime may be due before the timer. */
  #wakeFor(id: number): void {
    const { store, clock } = this.#parts;
    if (this.#abort.signal.aborted || store.writes.isBroken) return;
    const dueMs = store.dueMsOf(id);
    if (dueMs === undefined) return;
    if (dueMs <= this.#position.dueMs) this.#position = START;
    this.#sleep(clock.nowMs());
  }
}
