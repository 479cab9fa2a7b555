/**
 * A service's life: its parts are started in order and stopped in reverse order, each within
 * a bound; SIGTERM or SIGINT drains, a second one ends at once; an error that nobody caught
 * is logged and ends the process. The process exits here and nowhere else.
 */
import type { Clock } from './clock.ts';
import type { Logger, ServiceLogEvents } from './logging/index.ts';
import { onProcessEvents, type ProcessEvents } from './process-events.ts';

/** `drain`: sessions end with a farewell; `now`: cut everything. */
export type StopMode = 'drain' | 'now';

/** What the process ends with; documented for operators. */
export const EXIT_CODES: {
  readonly clean: 0;
  readonly crashed: 1;
  readonly badConfiguration: 2;
  readonly startFailed: 3;
  readonly stopForced: 4;
} = { clean: 0, crashed: 1, badConfiguration: 2, startFailed: 3, stopForced: 4 };

export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES];

/** A part that is up. */
export interface StartedPart<Value> {
  readonly value: Value;
  /** Must bear being called with `now` while `drain` is under way. */
  readonly stop: (mode: StopMode) => Promise<void> | void;
  /** Default 10 s. */
  readonly stopLimitMs?: number;
}

export interface ServiceOptions {
  /** Starts the parts, in order, by `lifecycle.start`. */
  readonly start: (lifecycle: Lifecycle) => Promise<void>;
  readonly log: Pick<Logger<ServiceLogEvents>, 'log' | 'flush'>;
  readonly clock: Clock;
  /** Told once all parts are up: a supervisor's `ready`, a printed line. */
  readonly onReady?: () => void;
  /** Called at SIGHUP, once all parts are up; without it that signal ends the process. */
  readonly onReload?: (() => void) | undefined;
  /** For all parts together; default 30 s. */
  readonly stopLimitMs?: number;
  /** The process's events; tests bring their own. */
  readonly events?: ProcessEvents;
}

const DEFAULT_PART_LIMIT_MS = 10_000;
const DEFAULT_STOP_LIMIT_MS = 30_000;
// Ctrl-C under npm arrives twice: from the terminal, and passed on by npm. So does a stop at a
// worker: as a signal to all processes of the service, and as its supervisor's order. It is one.
const SAME_STOP_MS = 300;

interface Part {
  readonly name: string;
  readonly started: StartedPart<unknown>;
}

/**
 * Runs a service until it is stopped.
 *
 * @returns The exit code; the caller's `main.ts` flushes nothing and just exits with it.
 */
export async function runService(options: ServiceOptions): Promise<ExitCode> {
  const lifecycle = new Lifecycle(options);
  const events = options.events ?? onProcessEvents;
  const release = events({
    onSignal: (signal) => lifecycle.onSignal(signal),
    onCrash: (kind, error) => lifecycle.onCrash(kind, error),
    onReload: options.onReload,
  });
  const exitCode = await lifecycle.run(options);
  release();
  options.log.flush();
  return exitCode;
}

export class Lifecycle {
  readonly #log: ServiceOptions['log'];
  readonly #clock: Clock;
  readonly #stopLimitMs: number;
  readonly #parts: Part[] = [];
  readonly #stopping: AbortController = new AbortController();
  readonly #stopRequest: PromiseWithResolvers<void> = Promise.withResolvers();
  readonly #forced: PromiseWithResolvers<void> = Promise.withResolvers();
  #startingPart = '';
  #mode: StopMode = 'drain';
  #lastAskedMs = -Infinity;
  #exitCode: ExitCode = EXIT_CODES.clean;

  /** Use `runService`. */
  constructor({ log, clock, stopLimitMs = DEFAULT_STOP_LIMIT_MS }: ServiceOptions) {
    this.#log = log;
    this.#clock = clock;
    this.#stopLimitMs = stopLimitMs;
  }

  /** Aborts when the service starts to stop. */
  get stopSignal(): AbortSignal {
    return this.#stopping.signal;
  }

  /** Starts a part; what was started is stopped in reverse order, also if a later part fails. */
  async start<Value>(
    name: string,
    open: () => Promise<StartedPart<Value>> | StartedPart<Value>,
  ): Promise<Value> {
    this.#startingPart = name;
    const started = await open();
    this.#parts.push({ name, started });
    return started.value;
  }

  /** Asks the service to stop. Asking for `now` while it drains makes it hurry. */
  requestStop(cause: string, mode: StopMode = 'drain'): void {
    const isFirst = !this.#stopping.signal.aborted;
    if (isFirst) {
      this.#lastAskedMs = this.#clock.elapsedMs();
      this.#mode = mode;
      this.#log.log('service.stopping', { cause, mode });
      this.#stopping.abort();
      this.#stopRequest.resolve();
    }
    if (mode === 'now') this.#force();
  }

  /** For `runService`. */
  onSignal(signal: string): void {
    const nowMs = this.#clock.elapsedMs();
    if (nowMs - this.#lastAskedMs < SAME_STOP_MS) return;
    if (!this.#stopping.signal.aborted) {
      this.requestStop(signal);
      return;
    }
    this.#lastAskedMs = nowMs;
    this.#fail(EXIT_CODES.stopForced);
    this.requestStop(signal, 'now');
  }

  /** For `runService`. */
  onCrash(kind: string, error: unknown): void {
    this.#log.log('service.crashed', { kind, error });
    this.#log.flush();
    this.#exitCode = EXIT_CODES.crashed;
    // The state may be anything: no farewells, close what can be closed and go.
    this.requestStop('crash', 'now');
  }

  /** For `runService`. */
  async run({ start, onReady }: ServiceOptions): Promise<ExitCode> {
    const beganMs = this.#clock.elapsedMs();
    try {
      await start(this);
      if (!this.#stopping.signal.aborted) {
        this.#log.log('service.started', { durationMs: this.#clock.elapsedMs() - beganMs });
        onReady?.();
      }
    } catch (error) {
      // Asked to stop in the middle of starting: a part may well have noticed.
      if (!this.#stopping.signal.aborted) {
        this.#log.log('service.start-failed', { part: this.#startingPart, error });
        this.#fail(EXIT_CODES.startFailed);
        this.requestStop('start-failed');
      }
    }
    await this.#stopRequest.promise;
    await this.#stopAll();
    return this.#exitCode;
  }

  async #stopAll(): Promise<void> {
    const beganMs = this.#clock.elapsedMs();
    const cancel = this.#clock.after(this.#stopLimitMs, () => {
      this.#fail(EXIT_CODES.stopForced);
      this.#force();
    });
    for (const part of this.#parts.toReversed()) await this.#stopPart(part);
    cancel();
    const durationMs = this.#clock.elapsedMs() - beganMs;
    this.#log.log('service.stopped', { exitCode: this.#exitCode, durationMs });
  }

  // A part that does not stop in time is asked once more, to do so at once, and then left.
  async #stopPart({ name, started }: Part): Promise<void> {
    const limitMs = started.stopLimitMs ?? DEFAULT_PART_LIMIT_MS;
    const drained =
      this.#mode === 'drain' ? await this.#attempt(name, started, 'drain', limitMs) : false;
    if (drained) return;
    const cut = await this.#attempt(name, started, 'now', Math.min(limitMs, 2_000));
    if (!cut) this.#fail(EXIT_CODES.stopForced);
  }

  async #attempt(
    part: string,
    started: StartedPart<unknown>,
    mode: StopMode,
    limitMs: number,
  ): Promise<boolean> {
    const limit = Promise.withResolvers<'late'>();
    const cancel = this.#clock.after(limitMs, () => limit.resolve('late'), { keepsProcess: true });
    // Once hurried, draining is over; what is left gets its short time to be cut.
    const hurried =
      mode === 'drain' ? this.#forced.promise.then(() => 'hurried' as const) : limit.promise;
    try {
      const stopped = Promise.resolve(started.stop(mode)).then(() => 'stopped' as const);
      // Should it fail after the limit, nobody waits for it any more.
      stopped.catch(() => {});
      const outcome = await Promise.race([stopped, limit.promise, hurried]);
      if (outcome === 'late') {
        this.#log.log('service.part-stop-failed', { part, reason: 'limit' });
        this.#fail(EXIT_CODES.stopForced);
      }
      return outcome === 'stopped';
    } catch (error) {
      this.#log.log('service.part-stop-failed', { part, reason: 'error', error });
      this.#fail(EXIT_CODES.crashed);
      return true;
    } finally {
      cancel();
    }
  }

  #force(): void {
    this.#mode = 'now';
    this.#forced.resolve();
  }

  #fail(exitCode: ExitCode): void {
    if (this.#exitCode === EXIT_CODES.clean) this.#exitCode = exitCode;
  }
}
