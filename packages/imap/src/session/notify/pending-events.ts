/**
 * Events that a client is still to be told of: each once, in order, and no more than can be told
 * in good time (RFC 5465 §5.8).
 */
import type { MailboxEvent } from '../ports.ts';

/** Beyond these a client is swamped rather than told. */
const MOST_EVENTS = 1_000;

export class PendingEvents {
  readonly #events = new Map<string, MailboxEvent>();
  #hasOverflown = false;

  /** More came than are kept: what is there is not all. */
  get hasOverflown(): boolean {
    return this.#hasOverflown;
  }

  add(event: MailboxEvent): void {
    const key = `${event.kind} ${event.path ?? ''}`;
    // What happened again is told as it is then.
    this.#events.delete(key);
    if (this.#events.size >= MOST_EVENTS) this.#hasOverflown = true;
    else this.#events.set(key, event);
  }

  take(): readonly MailboxEvent[] {
    const events = [...this.#events.values()];
    this.#events.clear();
    return events;
  }
}
