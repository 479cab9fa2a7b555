/** What a login's end says of the host that it went to. */
import type { Fault } from '@homeward/service';
import type { LoginFault } from '../login/login-fault.ts';
import type { HostPhase } from './host-health.ts';
import type { HostVisit } from './host-visit.ts';

/** No answer to a login, or none that could be understood. */
const UNANSWERED: ReadonlySet<Fault> = new Set<Fault>([
  'site-unreachable',
  'site-tls-failed',
  'site-broke-off',
  'site-broke-protocol',
]);
/** The host has spoken, whatever it said. */
const ANSWERED: ReadonlySet<Fault> = new Set<Fault>([
  'site-refused',
  'home-limit',
  'login-delay',
  'mailbox-in-use',
  'wrong-password',
]);

const UNANSWERED_DETAIL: Readonly<Record<HostPhase, string>> = {
  greeting: 'no greeting within a login',
  login: 'no answer to a login',
};

/** A host that had less of a login's time than this is not to blame for a login that ran out of it. */
const PATIENCE_MS = 1_500;

/** How far a login came that asked a host, and how its time went. */
export interface StayAtHost {
  readonly phase: HostPhase;
  /** The login has none left. */
  readonly isOver: boolean;
  /** For how long the host, and nobody else, was waited for. */
  readonly waitedMs: number;
}

/** Tells the host's health, and leaves. */
export function noteHostOutcome(
  visit: HostVisit,
  outcome: { readonly ok: true } | LoginFault,
  { phase, isOver, waitedMs }: StayAtHost,
): void {
  if (outcome.ok || ANSWERED.has(outcome.reason)) {
    visit.noteAnswer();
    return;
  }
  if (isOver) {
    // A queue of passwords or a slow directory may have used it up: that would condemn all homes.
    if (waitedMs < PATIENCE_MS) visit.leave();
    else visit.noteFailure({ phase, reason: 'login-deadline', detail: UNANSWERED_DETAIL[phase] });
  } else if (UNANSWERED.has(outcome.reason)) {
    const { reason, logDetail: detail = '' } = outcome;
    visit.noteFailure({ phase, reason, detail });
  } else {
    visit.leave();
  }
}
