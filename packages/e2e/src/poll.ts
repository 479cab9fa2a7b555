/** Waiting for what comes to pass by itself, with a limit instead of a guess. */
import { setTimeout as sleep } from 'node:timers/promises';

/** Looks again and again until `look` returns something. @throws after `limitMs`. */
export async function waitUntil<T>(
  what: string,
  look: () => Promise<T | undefined> | T | undefined,
  limitMs: number = 30_000,
): Promise<T> {
  const startedMs = performance.now();
  let lastError: unknown;
  while (performance.now() - startedMs < limitMs) {
    try {
      const found = await look();
      if (found !== undefined) return found;
    } catch (error) {
      lastError = error;
    }
    await sleep(POLL_MS);
  }
  throw new Error(`waited ${limitMs} ms for ${what}`, { cause: lastError });
}

const POLL_MS = 20;
