/**
 * Ends sessions spread over a window, in an order of chance, so that mail programs do not all
 * come back at once, nor those of one office one after another.
 */
import type { Clock } from './clock.ts';

const TICK_MS = 200;

export interface SpreadOrder<Session> {
  readonly sessions: readonly Session[];
  /** Tells one; it may be over already. */
  readonly end: (session: Session) => void;
  /** 0: all at once. */
  readonly windowMs: number;
  readonly clock: Pick<Clock, 'after' | 'elapsedMs'>;
  /** 0 to 1, without 1. */
  readonly random: () => number;
}

/** An end that is under way. */
export interface SpreadEnds {
  /** Settles when the last was told, or it was cancelled. */
  readonly done: Promise<void>;
  /** Those that were not told yet go on. */
  cancel(): void;
}

/** Begins at once. */
export function spreadEnds<Session>(order: SpreadOrder<Session>): SpreadEnds {
  const { end, windowMs, clock, random } = order;
  const waiting = shuffle(order.sessions, random);
  const { length } = waiting;
  const finished = Promise.withResolvers<void>();
  const startedAtMs = clock.elapsedMs();
  let cancelTimer: (() => void) | undefined;
  const tick = (): void => {
    const share = windowMs === 0 ? 1 : (clock.elapsedMs() - startedAtMs + TICK_MS) / windowMs;
    const leftCount = Math.max(0, length - Math.ceil(length * share));
    for (const one of waiting.splice(leftCount)) end(one);
    if (waiting.length === 0) finished.resolve();
    else cancelTimer = clock.after(TICK_MS, tick, { keepsProcess: true });
  };
  tick();
  return {
    done: finished.promise,
    cancel() {
      cancelTimer?.();
      waiting.length = 0;
      finished.resolve();
    },
  };
}

/** Fisher and Yates's. */
function shuffle<Item>(items: readonly Item[], random: () => number): Item[] {
  const shuffled = [...items];
  for (let last = shuffled.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    const one = shuffled[last] as Item;
    shuffled[last] = shuffled[other] as Item;
    shuffled[other] = one;
  }
  return shuffled;
}
