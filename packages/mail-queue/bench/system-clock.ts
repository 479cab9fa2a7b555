/** The system's clock, for measuring. */
import type { QueueClock } from '../src/ports.ts';

export const systemClock: QueueClock = {
  nowMs: () => Date.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
