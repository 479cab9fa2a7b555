/** A write that must come some day: on a full volume it waits for room. */
import type { QueueClock } from '../ports.ts';
import type { Written } from '../storage/write-group.ts';
import { FULL_PAUSE_MS, pause } from './pause.ts';

/** @returns undefined if it cannot be written: the queue is at its end, or broken. */
export async function untilWritten<Value>(
  write: () => Promise<Written<Value>>,
  clock: QueueClock,
  signal: AbortSignal,
): Promise<{ readonly value: Value } | undefined> {
  for (;;) {
    const written = await write();
    if (written.ok) return written;
    if (written.reason !== 'full' || signal.aborted) return undefined;
    await pause(clock, FULL_PAUSE_MS, signal);
  }
}
