/** Waiting that ends when the demo is asked to stop. */

/** The demo was asked to stop while it started: no fault, nothing to tell. */
export class StoppedError extends Error {
  override readonly name = 'StoppedError';
}

/**
 * Settles as the work does, or rejects with StoppedError as soon as the signal aborts. The work
 * is then left to itself, and what becomes of it is nobody's business any more.
 */
export async function untilStopped<Value>(
  signal: AbortSignal,
  work: Promise<Value>,
): Promise<Value> {
  const stopped = Promise.withResolvers<never>();
  const stop = (): void => stopped.reject(new StoppedError());
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop);
  try {
    return await Promise.race([work, stopped.promise]);
  } finally {
    signal.removeEventListener('abort', stop);
    // Whichever lost the race.
    work.catch(() => {});
    stopped.promise.catch(() => {});
  }
}
