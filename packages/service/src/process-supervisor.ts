/**
 * Runs N worker processes of one module under this same Node: waits until each says that it
 * is ready, starts a crashed one again within a second (slower and slower while it keeps
 * crashing), kills one that is frozen (`worker-heartbeat.ts`), passes the order to stop on, and
 * collects how each one ended. `worker-link.ts` is the workers' end.
 */
import { type ChildProcess, fork } from 'node:child_process';
import type { Clock } from './clock.ts';
import type { StopMode } from './lifecycle.ts';
import type { Logger, ServiceLogEvents } from './logging/index.ts';
import { type Heartbeat, HEARTBEAT_SUBJECT, WorkerHeartbeat } from './worker-heartbeat.ts';
import type { WorkerMessage } from './worker-link.ts';
import { type WorkerAnswer, WorkerQuestions } from './worker-questions.ts';

export interface SupervisorOptions {
  /** Path of the module that each worker runs. */
  readonly modulePath: string;
  readonly workerCount: number;
  /** Arguments of a worker, by its index from 0. */
  readonly args?: (workerIndex: number) => readonly string[];
  /** The workers' whole environment; by default this process's own. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Flags for Node itself. */
  readonly execArgv?: readonly string[];
  readonly log: Pick<Logger<ServiceLogEvents>, 'log'>;
  readonly clock: Clock;
  /** From start to ready; a worker that takes longer is killed. Default 30 s. */
  readonly readyLimitMs?: number;
  /** From the order to stop to the exit; then it is killed. Default 35 s. */
  readonly stopLimitMs?: number;
  /**
   * How long a worker that is ready may leave every question unanswered; then it is killed and
   * started again. One whose inspector is open may for ever. Default 60 s: SQLite waits for
   * the disk in the event loop, and disks come back after a path or a controller has failed.
   */
  readonly silenceLimitMs?: number;
  /** Hears of every worker that is ready, restarted ones too. */
  readonly onWorkerReady?: (worker: ReadyWorker) => void;
}

export interface ReadyWorker {
  readonly index: number;
  readonly pid: number;
  /** What the worker says of itself: its ports, say. */
  readonly facts: unknown;
}

/** Why a worker was killed, in the log and the metric; closed list. */
export const KILL_REASONS = ['not-ready', 'frozen', 'not-stopped'] as const;

export type KillReason = (typeof KILL_REASONS)[number];

export interface WorkerExit {
  readonly index: number;
  readonly exitCode: number | null;
  readonly signal: string | null;
}

/**
 * V8 13.6 (Node.js 24) keeps wrappers of WebAssembly imports for all threads of a process and
 * may free one that another thread still calls, when it compiles a frequent one anew: the process
 * dies of SIGSEGV or "Check failed: jit_page". Each thread that starts reads TypeScript by
 * WebAssembly. So none is ever compiled anew; the launcher and the tests do the same.
 */
const SHARED_WRAPPERS = '--wasm-wrapper-tiering-budget=2000000000';
/**
 * The heap may become twice what lives in it before all of it is collected. By itself V8 allows
 * so little more than the 30 MB that live in a worker that the garbage of a few hundred messages
 * reaches it, again and again: full collections of 10 to 30 ms, twice a second under load, where
 * young ones of 1 ms would do. Measured: a third of the CPU time of appending. The launcher does
 * the same.
 */
const ROOM_FOR_GARBAGE = '--heap-growing-percent=100';
const FIRST_RESTART_MS = 100;
/** A worker that had been ready is back within a second, however often it crashes. */
const MOST_RESTART_MS = 900;
/** One that never was cannot start, and trying costs the others. */
const MOST_RESTART_UNREADY_MS = 10_000;
/** Having run for so long, a worker that crashes is not in a loop. */
const STEADY_AFTER_MS = 10_000;
const DEFAULT_READY_LIMIT_MS = 30_000;
const DEFAULT_STOP_LIMIT_MS = 35_000;
const DEFAULT_SILENCE_LIMIT_MS = 60_000;
/** For an answer of a worker that has said nothing for seconds: it may wake up in this moment. */
const SILENT_WORKER_LIMIT_MS = 100;

/** Starts the workers. The caller stops what it gets. */
export function startSupervisor(options: SupervisorOptions): ProcessSupervisor {
  const supervisor = new ProcessSupervisor(options);
  supervisor.begin();
  return supervisor;
}

export class ProcessSupervisor {
  readonly #options: SupervisorOptions;
  readonly #workers: readonly Worker[];

  /** Use `startSupervisor`. */
  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#workers = Array.from(
      { length: options.workerCount },
      (_, index) => new Worker(index, options),
    );
  }

  /** For `startSupervisor`. */
  begin(): void {
    for (const worker of this.#workers) worker.launch();
  }

  /**
   * All workers, once each was ready for the first time. A worker that crashes before that is
   * started again, so this may wait; it settles with nothing when `stop` comes first.
   */
  async whenReady(): Promise<readonly ReadyWorker[] | undefined> {
    const ready = await Promise.all(this.#workers.map((worker) => worker.firstReady));
    const workers = ready.filter((worker) => worker !== undefined);
    return workers.length === this.#options.workerCount ? workers : undefined;
  }

  /** Process ids of the workers that run now, by index. */
  get pids(): readonly (number | undefined)[] {
    return this.#workers.map((worker) => worker.pid);
  }

  /** How often a worker was started again. */
  get restartCount(): number {
    return this.#workers.reduce((sum, worker) => sum + worker.restartCount, 0);
  }

  /** Whether each worker is ready now, by index. */
  get readiness(): readonly boolean[] {
    return this.#workers.map((worker) => worker.isReady);
  }

  /** How often each worker was started again, by index. */
  get restartCounts(): readonly number[] {
    return this.#workers.map((worker) => worker.restartCount);
  }

  /** How often each worker was killed, by index. */
  get killCounts(): readonly Readonly<Record<KillReason, number>>[] {
    return this.#workers.map((worker) => worker.killCounts);
  }

  /**
   * Asks all workers something that they answer by `WorkerLink.answer`; one that is not ready is
   * not asked, and one that has not answered for seconds is asked, but not waited for. Question and
   * answers bear JSON. Never rejects, and settles within the limit.
   */
  askAll(subject: string, question: unknown, limitMs: number): Promise<readonly WorkerAnswer[]> {
    return Promise.all(this.#workers.map((worker) => worker.ask(subject, question, limitMs)));
  }

  /**
   * Stops all workers; none is started again. May be called again with `now`.
   *
   * @returns How each one ended, when all have.
   */
  async stop(mode: StopMode = 'drain'): Promise<readonly WorkerExit[]> {
    return Promise.all(this.#workers.map((worker) => worker.stop(mode)));
  }
}

class Worker {
  readonly #index: number;
  readonly #options: SupervisorOptions;
  readonly #firstReady: PromiseWithResolvers<ReadyWorker | undefined> = Promise.withResolvers();
  readonly #stopped: PromiseWithResolvers<WorkerExit> = Promise.withResolvers();
  readonly #questions: WorkerQuestions;
  #child: ChildProcess | undefined;
  #isReady = false;
  #startedMs = 0;
  #nextRestartMs = FIRST_RESTART_MS;
  #isStopping = false;
  #cancelLimit: (() => void) | undefined;
  #cancelRestart: (() => void) | undefined;
  #heartbeat: WorkerHeartbeat | undefined;
  restartCount = 0;
  readonly killCounts: Record<KillReason, number> = { 'not-ready': 0, frozen: 0, 'not-stopped': 0 };

  constructor(index: number, options: SupervisorOptions) {
    this.#index = index;
    this.#options = options;
    this.#questions = new WorkerQuestions(options.clock);
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  async ask(subject: string, question: unknown, limitMs: number): Promise<WorkerAnswer> {
    const child = this.#child;
    if (child === undefined || !this.#isReady || !child.connected) {
      return { index: this.#index, ok: false, reason: 'not-running' };
    }
    const isSilent = this.#heartbeat?.isSilent === true;
    const patienceMs = isSilent ? Math.min(SILENT_WORKER_LIMIT_MS, limitMs) : limitMs;
    const outcome = await this.#questions.ask(child, subject, question, patienceMs);
    return { index: this.#index, ...outcome };
  }

  get firstReady(): Promise<ReadyWorker | undefined> {
    return this.#firstReady.promise;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  launch(): void {
    const { modulePath, args, environment, execArgv, clock, readyLimitMs } = this.#options;
    this.#cancelRestart = undefined;
    this.#startedMs = clock.elapsedMs();
    const child = fork(modulePath, [...(args?.(this.#index) ?? [])], {
      execPath: process.execPath,
      execArgv: [SHARED_WRAPPERS, ROOM_FOR_GARBAGE, ...(execArgv ?? [])],
      ...(environment === undefined ? {} : { env: environment }),
      // A worker's log lines are ours.
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#child = child;
    child.on('message', (message: WorkerMessage) => this.#onMessage(child, message));
    // Could not be started or signalled; without a pid there is no 'exit' to come.
    child.on('error', () => {
      if (child.pid === undefined) this.#onExit(child, null, null);
    });
    child.on('exit', (exitCode, signal) => this.#onExit(child, exitCode, signal));
    this.#limit(readyLimitMs ?? DEFAULT_READY_LIMIT_MS, 'not-ready');
  }

  stop(mode: StopMode): Promise<WorkerExit> {
    const { stopLimitMs } = this.#options;
    const child = this.#child;
    if (!this.#isStopping) {
      this.#isStopping = true;
      this.#cancelRestart?.();
      this.#heartbeat?.stop();
      this.#firstReady.resolve(undefined);
      if (child !== undefined) this.#limit(stopLimitMs ?? DEFAULT_STOP_LIMIT_MS, 'not-stopped');
    }
    if (child === undefined) {
      this.#stopped.resolve({ index: this.#index, exitCode: null, signal: null });
    } else if (child.connected) {
      // A channel that breaks meanwhile means that the worker is on its way out.
      child.send({ kind: 'stop', mode }, () => {});
    } else {
      child.kill('SIGTERM');
    }
    return this.#stopped.promise;
  }

  #onMessage(child: ChildProcess, message: WorkerMessage): void {
    if (child !== this.#child || child.pid === undefined) return;
    this.#heartbeat?.heard();
    if (message.kind === 'answer') {
      this.#questions.onAnswer(message);
      return;
    }
    this.#isReady = true;
    const { log, clock, onWorkerReady } = this.#options;
    if (!this.#isStopping) {
      this.#cancelLimit?.();
      this.#heartbeat = this.#watch(child);
    }
    const worker = { index: this.#index, pid: child.pid, facts: message.facts };
    log.log('worker.started', {
      worker: this.#index,
      pid: child.pid,
      durationMs: clock.elapsedMs() - this.#startedMs,
    });
    this.#firstReady.resolve(worker);
    onWorkerReady?.(worker);
  }

  #onExit(child: ChildProcess, exitCode: number | null, signal: NodeJS.Signals | null): void {
    if (child !== this.#child) return;
    const wasReady = this.#isReady;
    this.#child = undefined;
    this.#isReady = false;
    this.#heartbeat?.stop();
    this.#heartbeat = undefined;
    this.#questions.abandon();
    this.#cancelLimit?.();
    const fields = {
      worker: this.#index,
      pid: child.pid,
      exitCode: exitCode ?? undefined,
      signal: signal ?? undefined,
    };
    if (this.#isStopping) {
      this.#options.log.log('worker.stopped', fields);
      this.#stopped.resolve({ index: this.#index, exitCode, signal });
      return;
    }
    const restartInMs = this.#restartDelay(wasReady);
    this.#options.log.log('worker.exited', { ...fields, restartInMs });
    this.#cancelRestart = this.#options.clock.after(
      restartInMs,
      () => {
        this.restartCount += 1;
        this.launch();
      },
      { keepsProcess: true },
    );
  }

  #restartDelay(wasReady: boolean): number {
    const ranMs = this.#options.clock.elapsedMs() - this.#startedMs;
    if (ranMs >= STEADY_AFTER_MS) this.#nextRestartMs = FIRST_RESTART_MS;
    const mostMs = wasReady ? MOST_RESTART_MS : MOST_RESTART_UNREADY_MS;
    const delayMs = Math.min(this.#nextRestartMs, mostMs);
    this.#nextRestartMs = delayMs * 2;
    return delayMs;
  }

  #watch(child: ChildProcess): WorkerHeartbeat {
    const limitMs = this.#options.silenceLimitMs ?? DEFAULT_SILENCE_LIMIT_MS;
    return new WorkerHeartbeat({
      clock: this.#options.clock,
      limitMs,
      ask: async () => {
        const outcome = await this.#questions.ask(child, HEARTBEAT_SUBJECT, null, limitMs);
        return outcome.ok ? (outcome.value as Heartbeat) : undefined;
      },
      onFrozen: (silentMs) => this.#kill('frozen', silentMs),
    });
  }

  #limit(limitMs: number, reason: KillReason): void {
    this.#cancelLimit?.();
    this.#cancelLimit = this.#options.clock.after(limitMs, () => this.#kill(reason), {
      keepsProcess: true,
    });
  }

  /** What follows is as after any other end. */
  #kill(reason: KillReason, silentMs?: number): void {
    this.killCounts[reason] += 1;
    const fields = { worker: this.#index, pid: this.#child?.pid, reason, silentMs };
    this.#options.log.log('worker.killed', fields);
    this.#child?.kill('SIGKILL');
  }
}
