/**
 * Dials a home's worker and reads its greeting, so that a login may be sent at once. Used for
 * a login that found no warm connection, and by the pool that keeps them.
 */
import type { UpstreamDialogue, UpstreamStep } from '@homeward/sasl';
import type { GreetOutcome, InnerConnection, InnerDialler, InnerTarget } from './ports.ts';

type GreetFailure = Extract<GreetOutcome, { ok: false }>;

/** @param signal Aborting destroys what was opened; the outcome is then a failure. */
export async function greetHome(
  dialler: InnerDialler,
  dialogue: UpstreamDialogue,
  target: InnerTarget,
  signal: AbortSignal,
): Promise<GreetOutcome> {
  const dialled = await dialler.dial(target, signal);
  if (!dialled.ok) return dialled;
  const { connection } = dialled;
  const destroy = () => connection.destroy();
  signal.addEventListener('abort', destroy, { once: true });
  try {
    const failure = signal.aborted
      ? brokeOff('no time left')
      : await readGreeting(connection, dialogue);
    if (failure !== undefined) {
      connection.destroy();
      return failure;
    }
    return {
      ok: true,
      greeted: { connection, dialogue, pendingRead: undefined, isWarm: false },
    };
  } finally {
    signal.removeEventListener('abort', destroy);
  }
}

/** Reads until a login may be sent. @returns What went wrong, or nothing. */
async function readGreeting(
  connection: InnerConnection,
  dialogue: UpstreamDialogue,
): Promise<GreetFailure | undefined> {
  for (;;) {
    const octets = await connection.read();
    if (typeof octets === 'string') return brokeOff(`${octets} before the greeting`);
    for (const step of dialogue.receive(octets)) {
      if (step.kind === 'ready') return undefined;
      const failure = takeGreetingStep(connection, step);
      if (failure !== undefined) return failure;
    }
  }
}

function takeGreetingStep(
  connection: InnerConnection,
  step: Exclude<UpstreamStep, { kind: 'ready' }>,
): GreetFailure | undefined {
  switch (step.kind) {
    case 'send':
      // A few octets into an empty socket: nothing to wait for.
      void connection.write(step.octets);
      return undefined;
    case 'broken':
    case 'refused':
      return { ok: false, reason: 'broke-protocol', detail: step.text };
    case 'logged-in':
      return { ok: false, reason: 'broke-protocol', detail: 'logged in unasked' };
  }
}

function brokeOff(detail: string): GreetFailure {
  return { ok: false, reason: 'broke-off', detail };
}
