/**
 * Maintenance in a worker thread, one for each store: requests are numbered, answered in
 * order. If the thread dies, everything that waits and everything asked later is rejected.
 */
import { Worker } from 'node:worker_threads';
import type { Maintenance, PrepareRequest, PrepareResult } from './maintenance.ts';

/** What the owner asks of the thread. */
export type MaintenanceRequest =
  | { readonly id: number; readonly task: 'prepare'; readonly request: PrepareRequest }
  | {
      readonly id: number;
      readonly task: 'hold' | 'release' | 'checkpoint';
      readonly databasePath: string;
    }
  | { readonly id: number; readonly task: 'close' };

/** `code` is the error's code, or its name. */
export type MaintenanceReply =
  | { readonly id: number; readonly ok: true; readonly result: unknown }
  | { readonly id: number; readonly ok: false; readonly code: string; readonly message: string };

/** An error that the thread reported. */
export class MaintenanceError extends Error {
  override readonly name = 'MaintenanceError';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

interface Waiter {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

type RequestBody = MaintenanceRequest extends infer Request
  ? Request extends { readonly id: number }
    ? Omit<Request, 'id'>
    : never
  : never;

class MaintenanceThread implements Maintenance {
  readonly #worker: Worker;
  readonly #waiters = new Map<number, Waiter>();
  #lastId = 0;
  #death: Error | undefined;

  constructor() {
    this.#worker = new Worker(new URL('./maintenance-worker.ts', import.meta.url));
    this.#worker.unref();
    this.#worker.on('message', (reply: MaintenanceReply) => this.#settle(reply));
    this.#worker.on('error', (error) => this.#die(error instanceof Error ? error : new Error('?')));
    this.#worker.on('exit', () => this.#die(new MaintenanceError('EXIT', 'the thread has ended')));
  }

  prepare(request: PrepareRequest): Promise<PrepareResult> {
    return this.#ask({ task: 'prepare', request }) as Promise<PrepareResult>;
  }

  async hold(databasePath: string): Promise<void> {
    await this.#ask({ task: 'hold', databasePath });
  }

  async release(databasePath: string): Promise<void> {
    await this.#ask({ task: 'release', databasePath });
  }

  checkpoint(databasePath: string): Promise<boolean> {
    return this.#ask({ task: 'checkpoint', databasePath }) as Promise<boolean>;
  }

  async close(): Promise<void> {
    if (this.#death === undefined) await this.#ask({ task: 'close' });
    await this.#worker.terminate();
  }

  #ask(body: RequestBody): Promise<unknown> {
    if (this.#death !== undefined) return Promise.reject(this.#death);
    return new Promise((resolve, reject) => {
      this.#lastId += 1;
      this.#waiters.set(this.#lastId, { resolve, reject });
      // A request under way keeps the process alive; an idle thread does not.
      this.#worker.ref();
      this.#worker.postMessage({ ...body, id: this.#lastId });
    });
  }

  #settle(reply: MaintenanceReply): void {
    const waiter = this.#waiters.get(reply.id);
    this.#waiters.delete(reply.id);
    if (this.#waiters.size === 0) this.#worker.unref();
    if (reply.ok) waiter?.resolve(reply.result);
    else waiter?.reject(new MaintenanceError(reply.code, reply.message));
  }

  #die(error: Error): void {
    this.#death ??= error;
    for (const waiter of this.#waiters.values()) waiter.reject(this.#death);
    this.#waiters.clear();
  }
}

/** Starts the thread. Close it. */
export function startMaintenanceThread(): Maintenance {
  return new MaintenanceThread();
}
