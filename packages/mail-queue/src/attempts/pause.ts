/** Waiting that ends when everything does. */
import type { QueueClock } from '../ports.ts';

/** Before a write that found the volume full is tried again. */
export const FULL_PAUSE_MS = 5_000;

/** Settles after the time, or at once when `signal` aborts; never rejects. */
export function pause(clock: QueueClock, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      cancel();
      signal.removeEventListener('abort', settle);
      resolve();
    };
    const cancel = clock.after(delayMs, settle);
    signal.addEventListener('abort', settle);
    if (signal.aborted) settle();
  });
}
