/**
 * Asks a worker thread to do things: requests are numbered, answers find their asker. The
 * thread starts with the first request and, should it die, anew with the next one; what it was
 * asked and had not answered is rejected.
 */
import { Worker } from 'node:worker_threads';

/** A thread that died sooner than this is not started again before then: it might do so for ever. */
const REST_MS = 1000;

/** What the thread gets; it answers with a `ThreadReply` of the same number. */
export interface ThreadRequest<Body> {
  readonly id: number;
  readonly body: Body;
}

/** `code` is the error's code, or its name. */
export type ThreadReply =
  | { readonly id: number; readonly ok: true; readonly result: unknown }
  | { readonly id: number; readonly ok: false; readonly code: string; readonly message: string };

/** An error that the thread reported, or its end (code "EXIT"). */
export class ThreadError extends Error {
  override readonly name = 'ThreadError';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** @param entry The module that the thread runs. */
export function createThreadCalls<Body>(entry: URL): ThreadCalls<Body> {
  return new ThreadCalls(entry);
}

interface Waiter {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

/** One thread at a time. Close it. */
export class ThreadCalls<Body> {
  readonly #entry: URL;
  readonly #waiters = new Map<number, Waiter>();
  #worker: Worker | undefined;
  #startedMs = -Infinity;
  #lastId = 0;
  #isClosed = false;

  /** @param entry The module that the thread runs. */
  constructor(entry: URL) {
    this.#entry = entry;
  }

  /** Rejects with a `ThreadError`. */
  ask(body: Body): Promise<unknown> {
    const worker = this.#worker ?? this.#start();
    if (worker === undefined) return Promise.reject(new ThreadError('EXIT', 'the thread has died'));
    return new Promise((resolve, reject) => {
      this.#lastId += 1;
      this.#waiters.set(this.#lastId, { resolve, reject });
      // A request under way keeps the process alive; an idle thread does not.
      worker.ref();
      const request: ThreadRequest<Body> = { id: this.#lastId, body };
      worker.postMessage(request);
    });
  }

  /** True if there is a thread that may have something to be closed. */
  get isRunning(): boolean {
    return this.#worker !== undefined;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#worker?.terminate();
  }

  #start(): Worker | undefined {
    const nowMs = performance.now();
    if (this.#isClosed || nowMs - this.#startedMs < REST_MS) return undefined;
    this.#startedMs = nowMs;
    const worker = new Worker(this.#entry);
    worker.unref();
    worker.on('message', (reply: ThreadReply) => this.#settle(reply));
    // An uncaught error ends the thread; the exit follows.
    worker.on('error', () => this.#bury(worker));
    worker.on('exit', () => this.#bury(worker));
    this.#worker = worker;
    return worker;
  }

  #settle(reply: ThreadReply): void {
    const waiter = this.#waiters.get(reply.id);
    this.#waiters.delete(reply.id);
    if (this.#waiters.size === 0) this.#worker?.unref();
    if (reply.ok) waiter?.resolve(reply.result);
    else waiter?.reject(new ThreadError(reply.code, reply.message));
  }

  #bury(worker: Worker): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    const waiters = [...this.#waiters.values()];
    this.#waiters.clear();
    for (const waiter of waiters) waiter.reject(new ThreadError('EXIT', 'the thread has died'));
  }
}
