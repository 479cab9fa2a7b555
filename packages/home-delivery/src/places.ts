/** So many at once for each key; who comes later waits in line, and not for ever. */
import type { NetClock } from '@homeward/net';

interface Line {
  takenCount: number;
  readonly waiting: Set<() => void>;
}

export class Places {
  readonly #limit: number;
  readonly #waitMs: number;
  readonly #clock: NetClock;
  readonly #lines = new Map<string, Line>();

  constructor(limit: number, waitMs: number, clock: NetClock) {
    this.#limit = limit;
    this.#waitMs = waitMs;
    this.#clock = clock;
  }

  /** @returns Whether there was a place in time; whoever has one gives it back. */
  take(key: string, signal?: AbortSignal): Promise<boolean> {
    const line = this.#lines.get(key) ?? { takenCount: 0, waiting: new Set() };
    this.#lines.set(key, line);
    if (line.takenCount < this.#limit) {
      line.takenCount += 1;
      return Promise.resolve(true);
    }
    if (signal?.aborted === true) return Promise.resolve(false);
    return new Promise((resolve) => {
      const settle = (isTaken: boolean): void => {
        cancel();
        signal?.removeEventListener('abort', giveUp);
        line.waiting.delete(takeOver);
        resolve(isTaken);
      };
      const takeOver = (): void => settle(true);
      const giveUp = (): void => settle(false);
      const cancel = this.#clock.after(this.#waitMs, giveUp);
      signal?.addEventListener('abort', giveUp);
      line.waiting.add(takeOver);
    });
  }

  /** The place goes to who has waited longest. */
  giveBack(key: string): void {
    const line = this.#lines.get(key);
    if (line === undefined) return;
    const [next] = line.waiting;
    if (next !== undefined) {
      next();
      return;
    }
    line.takenCount -= 1;
    if (line.takenCount === 0) this.#lines.delete(key);
  }
}
