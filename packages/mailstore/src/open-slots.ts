/**
 * How many mailboxes may be open at once, as slots. Whoever finds none free waits in line for a
 * while: for one to be closed, which is asked for at once if one is idle. A mailbox has its slot
 * until its last file is closed, so that the bound on descriptors is real.
 */

export interface OpenSlotsOptions {
  /** Read at each use. */
  readonly limit: () => number;
  /** Begins to close a mailbox that nobody uses. @returns False if there is none. */
  readonly evictIdle: () => boolean;
  /** How long to stand in line. */
  readonly waitMs: () => number;
  readonly startTimer: (delayMs: number, run: () => void) => () => void;
}

export class OpenSlots {
  readonly #options: OpenSlotsOptions;
  /** First come, first served. */
  readonly #line = new Set<(isGranted: boolean) => void>();
  #takenCount = 0;
  /** Slots of those taken whose mailboxes are being closed for somebody in line. */
  #comingCount = 0;

  constructor(options: OpenSlotsOptions) {
    this.#options = options;
  }

  get takenCount(): number {
    return this.#takenCount;
  }

  /** At once, if one is free and nobody waits. */
  tryTake(): boolean {
    if (this.#line.size > 0 || this.#takenCount >= this.#options.limit()) return false;
    this.#takenCount += 1;
    return true;
  }

  /** @returns False after `waitMs`, or once `refuseAll` is called. */
  take(): Promise<boolean> {
    if (this.tryTake()) return Promise.resolve(true);
    return new Promise((resolve) => {
      const settle = (isGranted: boolean): void => {
        this.#line.delete(settle);
        cancel();
        resolve(isGranted);
      };
      const cancel = this.#options.startTimer(this.#options.waitMs(), () => settle(false));
      this.#line.add(settle);
      this.evictForLine();
    });
  }

  /** A taken slot is free again. @param wasEvicted It was closed for somebody in line. */
  give(wasEvicted: boolean = false): void {
    this.#takenCount -= 1;
    if (wasEvicted) this.#comingCount -= 1;
    for (const settle of this.#line) {
      if (this.#takenCount >= this.#options.limit()) break;
      this.#takenCount += 1;
      settle(true);
    }
    this.evictForLine();
  }

  /** Call also when a mailbox has become idle. */
  evictForLine(): void {
    while (this.#comingCount < this.#line.size && this.#options.evictIdle()) {
      this.#comingCount += 1;
    }
  }

  /** Sends everybody in line away. */
  refuseAll(): void {
    for (const settle of this.#line) settle(false);
  }
}
