/**
 * Real processes for tests: started, watched line by line, and certainly gone at the end.
 *
 * Each process leads a group of its own, so that workers which it started end with it. Whoever
 * starts one ends it (`await using`); for a test that dies halfway, what is left is killed when
 * the test's own process exits.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** How a process ended: an exit code, or the signal that killed it. */
export interface ProcessExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** What to start. */
export interface ProcessOptions {
  readonly args?: readonly string[];
  readonly cwd?: string;
  /** Added to the environment of the test; an undefined value removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Written to standard input, which is closed after it. */
  readonly input?: string;
}

/** How long a wait lasts before it fails, unless the caller says otherwise. */
const defaultWaitMs = 15_000;
/** How long after the end of a process the last of its output may come. */
const outputGraceMs = 300;
/** Output that is kept for each process; what is older is forgotten. */
const keptCharacters = 1_000_000;

const running = new Set<RunningProcess>();
process.on('exit', () => {
  for (const one of running) one.kill('SIGKILL');
});

/** Starts a program that is found by the PATH or given as a path. */
export function startProcess(command: string, options: ProcessOptions = {}): RunningProcess {
  const child = spawn(command, options.args ?? [], {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: 'pipe',
    detached: true,
  });
  // A process that is gone already does not read its input; its exit says so.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  return new RunningProcess(command, child);
}

/** Starts a script on the Node that runs the test, which is the pinned one. */
export function startNode(script: string, options: ProcessOptions = {}): RunningProcess {
  return startProcess(process.execPath, { ...options, args: [script, ...(options.args ?? [])] });
}

/** Where the system does not tell, and of a process that has ended: yes. */
async function isStopped(pid: number): Promise<boolean> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  const states = await Promise.all(
    threads.map(async (thread) => {
      const stat = await readFile(`/proc/${pid}/task/${thread}/stat`, 'utf8').catch(() => '');
      // Behind the name, which may hold parentheses of its own.
      return stat.slice(stat.lastIndexOf(')') + 2)[0];
    }),
  );
  return states.every((state) => state === undefined || state === 'T');
}

/** A process that was started, until it has ended. */
export class RunningProcess implements AsyncDisposable {
  readonly #command: string;
  readonly #child: ChildProcess;
  readonly #exited: Promise<ProcessExit>;
  readonly #watchers = new Set<() => void>();
  #output = '';
  #exit: ProcessExit | undefined;
  #startError: Error | undefined;

  /** Use `startProcess` or `startNode`. */
  constructor(command: string, child: ChildProcess) {
    this.#command = command;
    this.#child = child;
    running.add(this);
    child.stdout?.setEncoding('utf8').on('data', (text: string) => this.#keep(text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => this.#keep(text));
    this.#exited = new Promise((resolve) => {
      child.on('error', (error) => {
        this.#startError = error;
        if (child.pid === undefined) resolve(this.#finish({ code: null, signal: null }));
      });
      child.on('close', (code, signal) => resolve(this.#finish({ code, signal })));
      // Workers that outlive their leader hold its output open; their test wants to go on.
      child.on('exit', (code, signal) => {
        setTimeout(() => resolve(this.#finish({ code, signal })), outputGraceMs).unref();
      });
    });
  }

  /** The id of the process; throws if it could not be started. */
  get pid(): number {
    if (this.#child.pid === undefined) throw this.#explain('could not be started');
    return this.#child.pid;
  }

  /** Standard output and standard error, as they came. */
  get output(): string {
    return this.#output;
  }

  /** How it ended, once it has. */
  get exit(): ProcessExit | undefined {
    return this.#exit;
  }

  /**
   * Waits until a line of the output matches; lines from before the call count as well.
   *
   * @returns The match. Throws when the process ends first, or after `waitMs`.
   */
  async waitForLine(pattern: RegExp, waitMs: number = defaultWaitMs): Promise<RegExpExecArray> {
    const find = (): RegExpExecArray | undefined => {
      for (const line of this.#output.split('\n')) {
        const match = new RegExp(pattern.source, pattern.flags.replace('g', '')).exec(line);
        if (match !== null) return match;
      }
      return undefined;
    };
    return this.#waitUntil(find, `printed no line like ${String(pattern)}`, waitMs);
  }

  /** Waits for the end. Throws after `waitMs`. */
  async waitForExit(waitMs: number = defaultWaitMs): Promise<ProcessExit> {
    return this.#waitUntil(() => this.#exit, 'did not end', waitMs);
  }

  /** Sends a signal to the process alone, its workers stay. No-op when it has ended. */
  signal(signal: NodeJS.Signals): void {
    if (this.#exit === undefined) this.#child.kill(signal);
  }

  /**
   * Stops the process with all its threads, until SIGCONT. The signal alone is heard by one of
   * them, and on a busy machine the others go on till that one has its turn.
   */
  async freeze(): Promise<void> {
    this.signal('SIGSTOP');
    const startedAtMs = performance.now();
    while (!(await isStopped(this.pid))) {
      if (performance.now() - startedAtMs > defaultWaitMs) throw this.#explain('did not freeze');
      await sleep(1);
    }
  }

  /** Sends a signal to the process and all that it started. No-op after `stop`. */
  kill(signal: NodeJS.Signals = 'SIGTERM'): void {
    if (this.#child.pid === undefined || !running.has(this)) return;
    try {
      process.kill(-this.#child.pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }

  /**
   * Kills it with all that it started, and waits until it is gone; may be called twice. Needed
   * after an end in order as well: a worker may have stayed.
   */
  async stop(): Promise<void> {
    this.kill('SIGKILL');
    running.delete(this);
    await this.#exited;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #keep(text: string): void {
    this.#output = (this.#output + text).slice(-keptCharacters);
    this.#tellWatchers();
  }

  #finish(exit: ProcessExit): ProcessExit {
    this.#exit ??= exit;
    this.#tellWatchers();
    return this.#exit;
  }

  #tellWatchers(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }

  #waitUntil<T>(find: () => T | undefined, complaint: string, waitMs: number): Promise<T> {
    return new Promise((resolve, reject) => {
      const settle = (act: () => void): void => {
        clearTimeout(timer);
        this.#watchers.delete(look);
        act();
      };
      const look = (): void => {
        const found = find();
        if (found !== undefined) settle(() => resolve(found));
        else if (this.#exit !== undefined) settle(() => reject(this.#explain(complaint)));
      };
      const timer = setTimeout(() => {
        settle(() => reject(this.#explain(`${complaint} within ${waitMs} ms`)));
      }, waitMs);
      this.#watchers.add(look);
      look();
    });
  }

  #explain(complaint: string): Error {
    const { code, signal } = this.#exit ?? {};
    const ended = this.#exit === undefined ? '' : `; it ended with ${signal ?? `code ${code}`}`;
    const tail = this.#output.split('\n').slice(-30).join('\n').trim();
    const why = this.#startError === undefined ? '' : `; ${this.#startError.message}`;
    return new Error(`${this.#command} ${complaint}${ended}${why}. Its last output:\n${tail}`);
  }
}
