/**
 * Many coarse deadlines on one timer. A connection's idle limit is minutes long and is put
 * off by every octet, so a timer for each connection would be memory and work for nothing:
 * here an entry only notes when it was last active, and is asked once when its deadline
 * passes. Ten thousand idle connections cost no wake-up until one is due.
 *
 * Deadlines are never early; they are late by up to half a second, or five seconds for
 * limits above a minute.
 */
import type { NetClock } from './clock-port.ts';

/** Something with a deadline. The wheel owns `deadlineSlot`; it starts as 0. */
export interface DeadlineEntry {
  deadlineSlot: number;
  /**
   * The deadline that was asked for has passed.
   *
   * @returns Milliseconds still to wait (there was activity meanwhile), or nothing to be let go.
   */
  onDeadline(nowMs: number): number | undefined;
}

const SLOT_MS = 500;
const COARSE_ABOVE_MS = 60_000;
const COARSE_SLOTS = 10;

export class DeadlineWheel {
  readonly clock: NetClock;
  readonly #slots: Map<number, Set<DeadlineEntry>> = new Map();
  #cancelTimer: (() => void) | undefined;
  #timerSlot = Infinity;

  constructor(clock: NetClock) {
    this.clock = clock;
  }

  /** Sets or moves the entry's deadline. */
  add(entry: DeadlineEntry, delayMs: number): void {
    this.remove(entry);
    const nowMs = this.clock.elapsedMs();
    // Slot 0 means "not in the wheel", hence the one that is added.
    let slot = Math.ceil((nowMs + delayMs) / SLOT_MS) + 1;
    if (delayMs > COARSE_ABOVE_MS) slot = Math.ceil(slot / COARSE_SLOTS) * COARSE_SLOTS;
    entry.deadlineSlot = slot;
    const entries = this.#slots.get(slot);
    if (entries === undefined) this.#slots.set(slot, new Set([entry]));
    else entries.add(entry);
    if (slot < this.#timerSlot) this.#wakeAt(slot, nowMs);
  }

  /** Idempotent. */
  remove(entry: DeadlineEntry): void {
    if (entry.deadlineSlot === 0) return;
    const entries = this.#slots.get(entry.deadlineSlot);
    entries?.delete(entry);
    if (entries?.size === 0) this.#slots.delete(entry.deadlineSlot);
    entry.deadlineSlot = 0;
  }

  #wakeAt(slot: number, nowMs: number): void {
    this.#cancelTimer?.();
    this.#timerSlot = slot;
    const delayMs = Math.max(1, Math.ceil((slot - 1) * SLOT_MS - nowMs));
    this.#cancelTimer = this.clock.after(delayMs, () => {
      this.#fire();
    });
  }

  #fire(): void {
    this.#timerSlot = Infinity;
    this.#cancelTimer = undefined;
    const nowMs = this.clock.elapsedMs();
    const dueSlot = Math.floor(nowMs / SLOT_MS) + 1;
    for (const slot of this.#slots.keys()) {
      if (slot <= dueSlot) this.#fireSlot(slot, nowMs);
    }
    let next = Infinity;
    for (const slot of this.#slots.keys()) next = Math.min(next, slot);
    if (next < this.#timerSlot) this.#wakeAt(next, nowMs);
  }

  #fireSlot(slot: number, nowMs: number): void {
    const entries = this.#slots.get(slot);
    this.#slots.delete(slot);
    for (const entry of entries ?? []) {
      entry.deadlineSlot = 0;
      const moreMs = entry.onDeadline(nowMs);
      if (moreMs !== undefined) this.add(entry, Math.max(1, moreMs));
    }
  }
}
