/**
 * Tells when the directory was lost and when it is back, whichever driver it has: lost is one that
 * changes have not been heard from for a while. Short gaps, a failover say, are told of too, once
 * they are longer than people would notice.
 */
import { systemClock, type Clock } from '../clock.ts';
import { PeriodicTask } from '../periodic-task.ts';
import type { DirectoryDriver } from '../directory-driver.ts';

/** The driver is heard of three times a second while all is well. */
const LOST_AFTER_MS = 3_000;
const LOOK_PAUSE_MS = 500;

export interface DirectoryAlarmOptions {
  readonly driver: Pick<DirectoryDriver, 'inSyncAtMs'>;
  /** Why it is away, as the driver tells it. */
  readonly why: () => string;
  /**
   * Called again when it is there but is found to be empty or another one (`directory-…:`): that
   * does not heal by itself.
   *
   * @param isAtStart It was not reached yet. Must not throw.
   */
  readonly onLost: (why: string, isAtStart: boolean) => void;
  /** @param goneMs For how long it was not heard of. Must not throw. */
  readonly onBack: (goneMs: number) => void;
  /** The one that the driver has. */
  readonly clock?: Clock | undefined;
}

/** The caller closes it before the driver. */
export class DirectoryAlarm {
  readonly #options: DirectoryAlarmOptions;
  readonly #clock: Clock;
  readonly #startedAtMs: number;
  readonly #looking: PeriodicTask;
  /** When it was heard of last, while it counts as lost. */
  #lostAtMs: number | undefined;
  /** Of a directory that answers but cannot be used: what was told last. */
  #toldProblem: string | undefined;

  constructor(options: DirectoryAlarmOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#startedAtMs = this.#clock.elapsedMs();
    this.#looking = new PeriodicTask(this.#clock, LOOK_PAUSE_MS, () => this.#look());
  }

  close(): Promise<void> {
    return this.#looking.stop();
  }

  #look(): Promise<void> {
    const { driver, why, onLost, onBack } = this.#options;
    const nowMs = this.#clock.elapsedMs();
    const heardAtMs = driver.inSyncAtMs();
    const lastMs = heardAtMs ?? this.#startedAtMs;
    if (this.#lostAtMs === undefined && nowMs - lastMs > LOST_AFTER_MS) {
      this.#lostAtMs = lastMs;
      this.#toldProblem = problemIn(why());
      onLost(why(), heardAtMs === undefined);
    } else if (this.#lostAtMs !== undefined && nowMs - lastMs <= LOST_AFTER_MS) {
      const goneMs = lastMs - this.#lostAtMs;
      this.#lostAtMs = undefined;
      onBack(goneMs);
    } else if (this.#lostAtMs !== undefined) {
      const problem = problemIn(why());
      if (problem === undefined || problem === this.#toldProblem) return Promise.resolve();
      this.#toldProblem = problem;
      onLost(why(), heardAtMs === undefined);
    }
    return Promise.resolve();
  }
}

/** `directory-empty` of `directory-empty: …`. */
function problemIn(why: string): string | undefined {
  return /^directory-[a-z]+(?=:)/.exec(why)?.[0];
}
