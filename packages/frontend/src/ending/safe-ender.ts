/**
 * Ends sessions at safe points. The home knows where its protocol stands, so it is asked; where it
 * cannot be (other software, no control port, no answer), what both sides said last has to show
 * that nothing is under way. Either way the wait is bounded: then both connections are closed,
 * whatever is under way.
 */
import { isRevocation, type SessionEndReason } from '@homeward/sasl';
import type { EndableSession, SessionEnder } from '../conversation/ports.ts';
import type { Clock } from '../login/ports.ts';
import type { HomeControl } from './home-control.ts';

/**
 * For who is no longer entitled to what he sees: he is gone within two seconds of the change,
 * and the news may have taken one of them.
 */
const REVOKED_GRACE_MS = 1_000;
/** For him to take what is on its way; one who does not read keeps nobody's time. */
const REVOKED_LINGER_MS = 500;

/** The process does not wait for longer. */
const STOPPING_GRACE_MS = 8_000;

export interface SafeEnderParts {
  readonly control: Pick<HomeControl, 'askToEnd'>;
  readonly clock: Pick<Clock, 'after'>;
  /** How long a running command may take; read at each use. */
  readonly graceMs: () => number;
}

export function createSafeEnder({ control, clock, graceMs }: SafeEnderParts): SessionEnder {
  return {
    end(session, reason) {
      const limitMs = limitFor(reason, graceMs());
      void endSafely(session, reason, { control, clock, limitMs });
    },
  };
}

function limitFor(reason: SessionEndReason, graceMs: number): number {
  if (isRevocation(reason)) return REVOKED_GRACE_MS;
  return reason === 'shutting-down' ? Math.min(graceMs, STOPPING_GRACE_MS) : graceMs;
}

async function endSafely(
  { conversationId, target, splice, farewell }: EndableSession,
  reason: SessionEndReason,
  {
    control,
    clock,
    limitMs,
  }: Omit<SafeEnderParts, 'graceMs'> & {
    readonly limitMs: number;
  },
): Promise<void> {
  const keepsProcess = true;
  let cancel = clock.after(limitMs, cut, { keepsProcess });
  function cut(): void {
    splice.end(farewell);
    if (!isRevocation(reason)) return;
    cancel = clock.after(REVOKED_LINGER_MS, () => splice.destroy(), { keepsProcess });
  }
  void splice.ended.then(() => cancel());
  const isAsked = target !== undefined && (await control.askToEnd(target, conversationId, reason));
  if (!isAsked) splice.endWhenQuiet(farewell);
}
