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

/**
 * @param clientAddress Of whose login it was: one client alone condemns no host.
 * @param isLate The login ran out of time while the host was asked.
 */
export function noteHostOutcome(
  health: HealthPort,
  host: HomeHost,
  clientAddress: string,
  outcome: { readonly ok: true } | LoginFault,
  isLate: boolean,
): void {
  if (outcome.ok || ANSWERED.has(outcome.reason)) {
    health.noteAnswer(host);
    return;
  }
  if (isLate) health.noteFailure(host, clientAddress, 'timed-out', 'no answer within a login');
  else if (UNANSWERED.has(outcome.reason)) {
    health.noteFailure(host, clientAddress, outcome.reason, outcome.logDetail ?? '');
  }
}
