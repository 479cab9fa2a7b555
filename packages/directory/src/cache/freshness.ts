/**
 * How far a copy of something in the directory can be trusted. While the driver hears of all
 * changes a copy is as good as the original; afterwards it ages from the moment up to which all
 * changes were heard.
 */
import type { Clock } from '../clock.ts';
import type { DirectoryDriver } from '../directory-driver.ts';

/** The driver says "in sync" three times a second; a round trip and a busy loop fit in, too. */
const IN_SYNC_GRACE_MS = 1_500;

/** One copy, and what is known about its age. */
export interface Copy<Value> {
  readonly value: Value;
  /** Elapsed time when the reading began. */
  readonly readAtMs: number;
  /**
   * Undefined while every change since the reading would have been heard. Else some may have been
   * missed, and the copy was last known to be right then.
   */
  rightUntilMs: number | undefined;
}

export class Freshness {
  readonly #driver: Pick<DirectoryDriver, 'inSyncAtMs'>;
  readonly #clock: Clock;
  readonly #maxAgeWhenAwayMs: number;
  #hasEnded = false;

  constructor(driver: Pick<DirectoryDriver, 'inSyncAtMs'>, clock: Clock, maxAgeWhenAwayMs: number) {
    this.#driver = driver;
    this.#clock = clock;
    this.#maxAgeWhenAwayMs = maxAgeWhenAwayMs;
  }

  nowMs(): number {
    return this.#clock.elapsedMs();
  }

  /** How long the driver has not heard of changes; Infinity if it never did. */
  behindMs(): number {
    const inSyncAtMs = this.#driver.inSyncAtMs();
    return inSyncAtMs === undefined ? Number.POSITIVE_INFINITY : this.nowMs() - inSyncAtMs;
  }

  /** Changes are no longer listened to: from now on nothing counts as current. */
  end(): void {
    this.#hasEnded = true;
  }

  isInSync(): boolean {
    return !this.#hasEnded && this.behindMs() <= IN_SYNC_GRACE_MS;
  }

  /** As good as the original. */
  isCurrent(copy: Copy<unknown>): boolean {
    return copy.rightUntilMs === undefined && this.isInSync();
  }

  /** Good enough while the original cannot be read. */
  isUsableWhenAway(copy: Copy<unknown>): boolean {
    return this.nowMs() - this.#rightUntilMs(copy) <= this.#maxAgeWhenAwayMs;
  }

  /** Something may have been missed from now on. */
  doubt(copy: Copy<unknown>): void {
    copy.rightUntilMs = this.#rightUntilMs(copy);
  }

  #rightUntilMs(copy: Copy<unknown>): number {
    return copy.rightUntilMs ?? Math.max(copy.readAtMs, this.#driver.inSyncAtMs() ?? 0);
  }
}
