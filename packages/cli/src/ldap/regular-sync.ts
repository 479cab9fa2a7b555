/**
 * `homeward ldap sync --every`: runs at once and then at the interval, as long as it has the duty.
 * A run that fails is logged, and the next one comes at its time.
 */
import { type Clock, type Logger, waitFor } from '@homeward/service';
import { EXIT_CODES, type OperatorError } from '../output/operator-error.ts';
import type { SyncOutcome } from './run-sync.ts';
import type { SyncDuty } from './sync-duty.ts';
import type { SyncLogEvents } from './sync-events.ts';

/** Of the interval, either way: hosts that were started together do not stay together. */
const JITTER = 0.1;
/** Of the interval, however long a run takes: LDAP has to rest, too. */
const LEAST_PAUSE = 0.1;

export interface RegularSyncParts {
  readonly duty: Pick<SyncDuty, 'next'>;
  /** As `runSync`: how many were looked at, undefined if it was broken off. */
  readonly sync: (
    onOutcome: (outcome: SyncOutcome) => void,
    signal: AbortSignal,
  ) => Promise<number | undefined>;
  /** What an operator can do about an error, if it is one of those. */
  readonly explain: (error: unknown) => OperatorError | undefined;
  readonly everyMs: number;
  readonly clock: Clock;
  /** 0 ≤ x < 1. */
  readonly random: () => number;
  readonly log: Pick<Logger<SyncLogEvents>, 'log'>;
}

/** Settles when the process stops. */
export async function runRegularSync(parts: RegularSyncParts): Promise<void> {
  const { duty, everyMs, clock, random } = parts;
  for (;;) {
    const tenure = await duty.next();
    if (tenure === undefined) return;
    while (!tenure.aborted) {
      const beganMs = clock.elapsedMs();
      await runOnce(parts, tenure);
      const tookMs = clock.elapsedMs() - beganMs;
      const wantedMs = everyMs * (1 - JITTER + 2 * JITTER * random());
      await waitFor(clock, Math.max(wantedMs - tookMs, everyMs * LEAST_PAUSE), tenure);
    }
  }
}

async function runOnce(parts: RegularSyncParts, tenure: AbortSignal): Promise<void> {
  const { log, clock } = parts;
  const beganMs = clock.elapsedMs();
  const durationMs = (): number => Math.round(clock.elapsedMs() - beganMs);
  const counts = { added: 0, changed: 0, gone: 0, failed: 0 };
  const onOutcome = (outcome: SyncOutcome): void => {
    counts[outcome.change] += 1;
    if (outcome.change !== 'failed') log.log('ldap-sync.account-changed', outcome);
    else log.log('ldap-sync.account-failed', { detail: outcome.detail });
  };
  try {
    const checked = await parts.sync(onOutcome, tenure);
    if (checked === undefined) log.log('ldap-sync.broken-off', { durationMs: durationMs() });
    else log.log('ldap-sync.completed', { checked, ...counts, durationMs: durationMs() });
  } catch (error) {
    // What it was doing was taken away from under it.
    if (tenure.aborted) log.log('ldap-sync.broken-off', { durationMs: durationMs() });
    else log.log('ldap-sync.failed', { ...describe(parts, error), durationMs: durationMs() });
  }
}

function describe(
  { explain }: RegularSyncParts,
  error: unknown,
): { readonly reason: string; readonly detail?: string; readonly error?: unknown } {
  const explained = explain(error);
  if (explained === undefined) return { reason: 'bug', error };
  return { reason: REASONS[explained.exitCode] ?? 'refused', detail: explained.message };
}

const REASONS: Readonly<Record<number, string>> = {
  [EXIT_CODES.configuration]: 'configuration',
  [EXIT_CODES.unavailable]: 'unavailable',
};
