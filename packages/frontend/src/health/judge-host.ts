/** What a login's end says of the host that it went to. */
import type { Fault } from '@homeward/service';
import type { LoginFault } from '../login/login-fault.ts';
import type { HealthPort } from './health-ports.ts';
import type { HomeHost } from './home-health.ts';

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

/** A host that had less of a login's time than this is not to blame for a login that ran out of it. */
const PATIENCE_MS = 1_500;

/** How the time of a login went that asked a host. */
export interface TimeAtHost {
  /** The login has none left. */
  readonly isOver: boolean;
  /** For how long the host, and nobody else, was waited for. */
  readonly waitedMs: number;
}

/**
 * @param clientAddress Of whose login it was: one client alone condemns no host.
 */
export function noteHostOutcome(
  health: HealthPort,
  host: HomeHost,
  clientAddress: string,
  outcome: { readonly ok: true } | LoginFault,
  { isOver, waitedMs }: TimeAtHost,
): void {
  if (outcome.ok || ANSWERED.has(outcome.reason)) {
    health.noteAnswer(host);
    return;
  }
  if (isOver) {
    // A queue of passwords or a slow directory may have used it up: that would condemn all homes.
    if (waitedMs < PATIENCE_MS) return;
    health.noteFailure(host, clientAddress, 'login-deadline', 'no answer within a login');
  } else if (UNANSWERED.has(outcome.reason)) {
    health.noteFailure(host, clientAddress, outcome.reason, outcome.logDetail ?? '');
  }
}
