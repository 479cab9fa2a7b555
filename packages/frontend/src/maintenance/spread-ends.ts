/**
 * Ends conversations spread over a window, in an order of chance, so that mail programs do not
 * all come back at once, nor those of one office one after another.
 */
import type { SessionEndReason } from '@homeward/sasl';
import type { LiveConversation } from '../conversation/live-session.ts';
import type { Clock } from '../login/ports.ts';

const TICK_MS = 200;

export interface SpreadOrder {
  readonly conversations: readonly LiveConversation[];
  readonly reason: SessionEndReason;
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
export function spreadEnds(order: SpreadOrder): SpreadEnds {
  const { reason, windowMs, clock, random } = order;
  const waiting = shuffle(order.conversations, random);
  const { length } = waiting;
  const finished = Promise.withResolvers<void>();
  const startedAtMs = clock.elapsedMs();
  let cancelTimer: (() => void) | undefined;
  const tick = (): void => {
    const share = windowMs === 0 ? 1 : (clock.elapsedMs() - startedAtMs + TICK_MS) / windowMs;
    const leftCount = Math.max(0, length - Math.ceil(length * share));
    for (const one of waiting.splice(leftCount)) one.end(reason);
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
function shuffle(items: readonly LiveConversation[], random: () => number): LiveConversation[] {
  const shuffled = [...items];
  for (let last = shuffled.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    const [one, two] = [shuffled[last], shuffled[other]];
    if (one === undefined || two === undefined) continue;
    shuffled[last] = two;
    shuffled[other] = one;
  }
  return shuffled;
}
