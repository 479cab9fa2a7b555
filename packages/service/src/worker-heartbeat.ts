/**
 * Whether a worker process still turns its event loop. A question goes to it every second, and
 * whatever it says is a sign of life. One that stays silent for the limit is frozen: stopped by a
 * signal, or in a loop without an end. It keeps its ports, so the kernel goes on giving it its share
 * of clients, and nothing but its end helps them.
 *
 * Silence is counted in beats that the supervisor itself was in time for. A beat that is late says
 * that the whole machine stood still or is swamped, of which the worker knows as little as we do: a
 * virtual machine that is resumed after an hour kills nobody.
 */
import type { Clock } from './clock.ts';

/** The subject of the question, which every worker link answers by itself. */
export const HEARTBEAT_SUBJECT = 'heartbeat';

/** The answer to it. */
export interface Heartbeat {
  /** A debugger may hold the process for as long as a person thinks. */
  readonly isInspected: boolean;
}

export interface WorkerHeartbeatOptions {
  readonly clock: Pick<Clock, 'after' | 'elapsedMs'>;
  /** How long a worker may be silent. */
  readonly limitMs: number;
  /** Asks once more; not called again before it settled. Never rejects. */
  readonly ask: () => Promise<Heartbeat | undefined>;
  /** Called once; the heartbeat has ended then. */
  readonly onFrozen: (silentMs: number) => void;
}

const BEAT_MS = 1_000;
/** From here on a timer was not in time. */
const LATE_BEAT_MS = 2 * BEAT_MS;
/** A worker that was silent for so long is told as not answering without being waited for. */
const SILENT_AFTER_MS = 3 * BEAT_MS;

/** Of one process. `stop` it when the process ends, or is to end. */
export class WorkerHeartbeat {
  readonly #options: WorkerHeartbeatOptions;
  #silentMs = 0;
  #lastBeatMs: number;
  #isAsking = false;
  /** Asked, and not answered: whatever is not heard meanwhile counts as silence. */
  #isAwaited = false;
  #isInspected = false;
  #cancel: (() => void) | undefined;

  constructor(options: WorkerHeartbeatOptions) {
    this.#options = options;
    this.#lastBeatMs = options.clock.elapsedMs();
    this.#wait();
  }

  /** It has said nothing for some seconds; it may be busy. */
  get isSilent(): boolean {
    return this.#silentMs >= SILENT_AFTER_MS;
  }

  /** To be told of whatever the worker says. */
  heard(): void {
    this.#silentMs = 0;
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #wait(): void {
    this.#cancel = this.#options.clock.after(BEAT_MS, () => this.#beat());
  }

  #beat(): void {
    const { clock, limitMs, onFrozen } = this.#options;
    const nowMs = clock.elapsedMs();
    const beatMs = nowMs - this.#lastBeatMs;
    this.#lastBeatMs = nowMs;
    if (this.#isAwaited && beatMs < LATE_BEAT_MS) this.#silentMs += beatMs;
    if (this.#silentMs >= limitMs && !this.#isInspected) {
      this.#cancel = undefined;
      onFrozen(this.#silentMs);
      return;
    }
    if (!this.#isAsking) void this.#ask();
    this.#wait();
  }

  async #ask(): Promise<void> {
    this.#isAsking = true;
    this.#isAwaited = true;
    const answer = await this.#options.ask();
    this.#isAsking = false;
    if (answer === undefined) return;
    this.#isAwaited = false;
    this.#isInspected = answer.isInspected;
  }
}
