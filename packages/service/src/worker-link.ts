/**
 * A worker's end of its supervisor: it says that it is ready, answers questions (whether it lives,
 * its health, its metrics), and is told to stop. When the supervisor is gone, the worker stops as well: a worker
 * that nobody watches serves nobody.
 */
import { url as inspectorUrl } from 'node:inspector';
import type { StopMode } from './lifecycle.ts';
import { type Heartbeat, HEARTBEAT_SUBJECT } from './worker-heartbeat.ts';

/** Worker to supervisor. `facts` and `value` must bear JSON. */
export type WorkerMessage =
  | { readonly kind: 'ready'; readonly facts: unknown }
  | {
      readonly kind: 'answer';
      readonly questionId: number;
      readonly ok: boolean;
      readonly value: unknown;
    };

/** Supervisor to worker. */
export type SupervisorMessage =
  | { readonly kind: 'stop'; readonly mode: StopMode }
  | {
      readonly kind: 'question';
      readonly questionId: number;
      readonly subject: string;
      readonly question: unknown;
    };

/** Must bear JSON, both ways. A rejection tells the supervisor no more than that. */
export type Answerer = (question: unknown) => Promise<unknown>;

export interface WorkerLink {
  /** Whether there is a supervisor at all; without one the other calls do nothing. */
  readonly isSupervised: boolean;
  sendReady(facts: unknown): void;
  /** From now on answers the supervisor's questions about this subject. */
  answer(subject: string, answerer: Answerer): void;
  /** Lets the process exit though the channel to the supervisor is open. */
  close(): void;
}

/** Call it once, at the start of a worker's main module. */
export function openWorkerLink(onStop: (mode: StopMode, cause: string) => void): WorkerLink {
  const isSupervised = process.connected;
  const answerers = new Map<string, Answerer>([[HEARTBEAT_SUBJECT, answerHeartbeat]]);
  if (isSupervised) {
    process.on('message', (message: SupervisorMessage) => {
      if (message.kind === 'stop') onStop(message.mode, 'supervisor');
      else void answerQuestion(message, answerers.get(message.subject)).then(send);
    });
    process.on('disconnect', () => onStop('drain', 'supervisor-gone'));
  }
  return {
    isSupervised,
    sendReady: (facts) => send({ kind: 'ready', facts }),
    answer: (subject, answerer) => void answerers.set(subject, answerer),
    close: () => {
      process.removeAllListeners('disconnect');
      process.removeAllListeners('message');
      if (process.connected) process.disconnect();
    },
  };
}

function answerHeartbeat(): Promise<Heartbeat> {
  return Promise.resolve({ isInspected: inspectorUrl() !== undefined });
}

function send(message: WorkerMessage): void {
  // The supervisor may be gone: `disconnect` tells, not this.
  if (process.connected) process.send?.(message, undefined, {}, () => {});
}

async function answerQuestion(
  { questionId, question }: SupervisorMessage & { readonly kind: 'question' },
  answerer: Answerer | undefined,
): Promise<WorkerMessage> {
  try {
    const value = await answerer?.(question);
    return { kind: 'answer', questionId, ok: answerer !== undefined, value };
  } catch {
    return { kind: 'answer', questionId, ok: false, value: undefined };
  }
}
