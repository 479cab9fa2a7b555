/**
 * What a supervisor wants to know of one worker process, and what became of each question. An
 * answer comes within the limit, or the worker has none; a worker that ends has none either.
 */
import type { ChildProcess } from 'node:child_process';
import type { Clock } from './clock.ts';
import type { SupervisorMessage, WorkerMessage } from './worker-link.ts';

export type WorkerAnswer =
  | { readonly index: number; readonly ok: true; readonly value: unknown }
  | { readonly index: number; readonly ok: false; readonly reason: WorkerSilence };

/** Why there is no answer; closed list. */
export type WorkerSilence =
  | 'not-running'
  /** Nothing came within the limit: it is busy, or hangs. */
  | 'no-answer'
  /** It knows nothing of the subject, or its answer failed. */
  | 'failed';

type Outcome =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly reason: WorkerSilence };

const NOT_RUNNING: Outcome = { ok: false, reason: 'not-running' };

export class WorkerQuestions {
  readonly #clock: Pick<Clock, 'after'>;
  readonly #open: Map<number, (outcome: Outcome) => void> = new Map();
  #lastId = 0;

  constructor(clock: Pick<Clock, 'after'>) {
    this.#clock = clock;
  }

  /** Never rejects. */
  ask(child: ChildProcess, subject: string, question: unknown, limitMs: number): Promise<Outcome> {
    const questionId = ++this.#lastId;
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    const settle = (outcome: Outcome): void => {
      this.#open.delete(questionId);
      cancel();
      resolve(outcome);
    };
    const cancel = this.#clock.after(limitMs, () => settle({ ok: false, reason: 'no-answer' }));
    this.#open.set(questionId, settle);
    const message: SupervisorMessage = { kind: 'question', questionId, subject, question };
    child.send(message, (error) => {
      if (error !== null) settle(NOT_RUNNING);
    });
    return promise;
  }

  /** To be told of every answer; late ones are dropped. */
  onAnswer({ questionId, ok, value }: WorkerMessage & { readonly kind: 'answer' }): void {
    this.#open.get(questionId)?.(ok ? { ok, value } : { ok, reason: 'failed' });
  }

  /** The worker has ended: settles what is open. */
  abandon(): void {
    for (const settle of this.#open.values()) settle(NOT_RUNNING);
  }
}
