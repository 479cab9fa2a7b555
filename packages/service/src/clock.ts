/**
 * Time, timers and randomness as ports, and the real things behind them. Everything that
 * waits, expires or draws lots takes these by injection, so that tests own the time; this
 * file is the only place of the services that asks the system.
 */
import { randomBytes } from 'node:crypto';

/** The clock on the wall, the clock that never jumps, and timers. */
export interface Clock {
  /** Milliseconds since 1970, for what is stored and shown; may jump when it is set. */
  nowMs(): number;
  /** Milliseconds since some moment, for ages and limits; never goes back. */
  elapsedMs(): number;
  /**
   * Runs `task` once after the delay.
   *
   * @param options `keepsProcess`: the process does not exit while this waits (default: it may).
   * @returns Cancels it; harmless afterwards.
   */
  after(
    delayMs: number,
    task: () => void,
    options?: { readonly keepsProcess?: boolean },
  ): () => void;
}

/** A source of unpredictable octets. */
export interface Randomness {
  bytes(byteCount: number): Uint8Array;
}

/** The system's clock. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  elapsedMs: () => performance.now(),
  after: (delayMs, task, options) => {
    const timeout = setTimeout(task, delayMs);
    if (options?.keepsProcess !== true) timeout.unref();
    return () => {
      clearTimeout(timeout);
    };
  },
};

/** The system's cryptographic randomness. */
export const systemRandomness: Randomness = { bytes: (byteCount) => randomBytes(byteCount) };

/** Settles after `delayMs` of `clock`'s time, or at once when `signal` aborts; never rejects. */
export async function waitFor(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted === true) return;
  await new Promise<void>((resolve) => {
    const settle = (): void => {
      cancel();
      signal?.removeEventListener('abort', settle);
      resolve();
    };
    const cancel = clock.after(delayMs, settle, { keepsProcess: true });
    signal?.addEventListener('abort', settle);
  });
}
