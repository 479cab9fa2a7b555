/**
 * Opens a connection to one host of a foreign site and brings it to where a login may be sent:
 * TLS at once or by STARTTLS, greeting, capabilities. One budget for all of it.
 */
import type { ForeignDialogue, ForeignStep } from '@homeward/sasl';
import type { Clock } from '../login/ports.ts';
import type {
  AnnouncedClient,
  ForeignConnection,
  ForeignDialler,
  ForeignTarget,
} from './foreign-ports.ts';

export type ForeignGreeting =
  | {
      readonly ok: true;
      readonly connection: ForeignConnection;
      readonly dialogue: ForeignDialogue;
    }
  | ForeignGreetFailure;

export interface ForeignGreetFailure {
  readonly ok: false;
  readonly reason: 'unreachable' | 'tls-failed' | 'broke-off' | 'broke-protocol' | 'loop';
  readonly detail: string;
}

export interface GreetParts {
  readonly dialler: ForeignDialler;
  readonly clock: Clock;
  readonly createDialogue: (target: ForeignTarget) => ForeignDialogue;
}

/** @param signal Aborting destroys what was opened; the outcome is then a failure. */
export async function greetForeignHome(
  parts: GreetParts,
  target: ForeignTarget,
  announced: AnnouncedClient | 'probe' | undefined,
  budgetMs: number,
  signal: AbortSignal,
): Promise<ForeignGreeting> {
  const { clock } = parts;
  const endMs = clock.elapsedMs() + budgetMs;
  const dialled = await parts.dialler.dial(target, announced, budgetMs, signal);
  if (!dialled.ok) return dialled;
  const { connection } = dialled;
  const dialogue = parts.createDialogue(target);
  let isTimeUp = false;
  const leftMs = Math.max(0, endMs - clock.elapsedMs());
  // A signal of its own for this would cost more than the greeting.
  const cancel = clock.after(leftMs, () => {
    isTimeUp = true;
    connection.destroy();
  });
  const failure = await readGreeting(connection, dialogue, { signal, budgetMs }).finally(cancel);
  if (failure === undefined) return { ok: true, connection, dialogue };
  connection.destroy();
  return isTimeUp ? { ...failure, detail: `nothing within ${Math.round(budgetMs)} ms` } : failure;
}

interface Bounds {
  readonly signal: AbortSignal;
  readonly budgetMs: number;
}

async function readGreeting(
  connection: ForeignConnection,
  dialogue: ForeignDialogue,
  bounds: Bounds,
): Promise<ForeignGreetFailure | undefined> {
  const { signal } = bounds;
  const destroy = (): void => connection.destroy();
  signal.addEventListener('abort', destroy, { once: true });
  try {
    if (signal.aborted) return failed('broke-off', 'no time left');
    for (;;) {
      const octets = await connection.read();
      if (typeof octets === 'string') {
        return failed('broke-off', `${octets} before a login could be sent`);
      }
      const end = await takeSteps(connection, dialogue, dialogue.receive(octets), bounds);
      if (end !== 'read') return end === 'ready' ? undefined : end;
    }
  } finally {
    signal.removeEventListener('abort', destroy);
  }
}

async function takeSteps(
  connection: ForeignConnection,
  dialogue: ForeignDialogue,
  steps: readonly ForeignStep[],
  bounds: Bounds,
): Promise<'read' | 'ready' | ForeignGreetFailure> {
  for (const step of steps) {
    switch (step.kind) {
      case 'send':
        // A few octets into an empty socket: nothing to wait for.
        void connection.write(step.octets);
        break;
      case 'start-tls': {
        const upgraded = await connection.startTls(bounds.budgetMs, bounds.signal);
        if (!upgraded.ok) return failed('tls-failed', upgraded.detail);
        return takeSteps(connection, dialogue, dialogue.tlsStarted(), bounds);
      }
      case 'ready':
        return 'ready';
      case 'no-tls':
        return failed('tls-failed', step.text);
      case 'broken':
        return failed('broke-protocol', step.text);
      default:
        return failed('broke-protocol', `${step.kind} unasked`);
    }
  }
  return 'read';
}

function failed(reason: ForeignGreetFailure['reason'], detail: string): ForeignGreetFailure {
  return { ok: false, reason, detail };
}
