/**
 * A worker's end of its supervisor: it says that it is ready, and is told to stop. When the
 * supervisor is gone, the worker stops as well: a worker that nobody watches serves nobody.
 */
import type { StopMode } from './lifecycle.ts';

/** Worker to supervisor. `facts` must bear JSON. */
export interface WorkerMessage {
  readonly kind: 'ready';
  readonly facts: unknown;
}

/** Supervisor to worker. */
export interface SupervisorMessage {
  readonly kind: 'stop';
  readonly mode: StopMode;
}

export interface WorkerLink {
  /** Whether there is a supervisor at all; without one the other calls do nothing. */
  readonly isSupervised: boolean;
  sendReady(facts: unknown): void;
  /** Lets the process exit though the channel to the supervisor is open. */
  close(): void;
}

/** Call it once, at the start of a worker's main module. */
export function openWorkerLink(onStop: (mode: StopMode, cause: string) => void): WorkerLink {
  const isSupervised = process.connected;
  if (isSupervised) {
    process.on('message', (message: SupervisorMessage) => {
      if (message.kind === 'stop') onStop(message.mode, 'supervisor');
    });
    process.on('disconnect', () => onStop('drain', 'supervisor-gone'));
  }
  return {
    isSupervised,
    sendReady: (facts) => {
      // The supervisor may be gone: `disconnect` tells, not this.
      process.send?.({ kind: 'ready', facts } satisfies WorkerMessage, undefined, {}, () => {});
    },
    close: () => {
      process.removeAllListeners('disconnect');
      process.removeAllListeners('message');
      if (process.connected) process.disconnect();
    },
  };
}
