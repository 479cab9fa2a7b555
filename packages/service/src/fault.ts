/**
 * Every fault that can keep a client from its mail, as a closed list, and the one function
 * that turns a fault into what the client is told, what the log says and what is counted. A
 * fault on our side never sounds like a wrong password; a fault on the person's side never
 * tells more than the person may know.
 */
import type { LoginRefusal } from '@homeward/sasl';
import type { ServiceLogEvents } from './logging/index.ts';

/** Closed list; the metric label and the log's `reason` have the same spelling. */
export type Fault =
  // The person's side: all the same words to the client.
  | 'unknown-user'
  | 'no-secret'
  | 'wrong-password'
  | 'blocked-kind'
  | 'act-as-not-allowed'
  | 'mechanism-not-accepted'
  | 'channel-binding-failed'
  | 'token-refused'
  | 'malformed-credentials'
  | 'access-rule'
  // Rules.
  | 'access-denied'
  | 'account-disabled'
  | 'protocol-not-enabled'
  | 'privacy-required'
  | 'too-many-sessions'
  | 'too-many-connections'
  | 'throttled'
  | 'mailbox-in-use'
  | 'login-delay'
  // Our side.
  | 'directory-unavailable'
  | 'ldap-unavailable'
  | 'ldap-account-refused'
  | 'verifier-busy'
  | 'front-end-busy'
  | 'token-issuer-unavailable'
  | 'site-unknown'
  | 'shard-unassigned'
  /** The worker that owns the account does not listen for the protocol. */
  | 'site-without-protocol'
  | 'site-unreachable'
  | 'site-tls-failed'
  | 'site-broke-off'
  | 'site-broke-protocol'
  | 'site-refused'
  | 'site-secret-missing'
  | 'site-loop'
  /** The site or the worker is in maintenance. */
  | 'in-maintenance'
  | 'site-down'
  | 'site-recovering'
  | 'home-limit'
  | 'login-deadline'
  | 'shutting-down'
  // A back end's own.
  | 'ticket-refused'
  | 'not-our-account'
  | 'stale-epoch'
  | 'mailbox-sealed'
  | 'store-unavailable'
  | 'volume-full'
  // A bug.
  | 'internal-error';

/** What becomes of a fault. */
export interface FaultTreatment {
  readonly refusal: LoginRefusal;
  readonly event: keyof ServiceLogEvents & ('login.rejected' | 'login.failed' | 'ticket.refused');
  /** Value of the `reason` label. */
  readonly metricLabel: Fault;
  /** Whether a sentence about this fault may go to the client. */
  readonly mayExplain: boolean;
}

type Side = 'person' | 'rule' | 'ours' | 'front-end';

const FAULTS: Readonly<Record<Fault, readonly [LoginRefusal, Side]>> = {
  'unknown-user': ['bad-credentials', 'person'],
  'no-secret': ['bad-credentials', 'person'],
  'wrong-password': ['bad-credentials', 'person'],
  'blocked-kind': ['bad-credentials', 'person'],
  'act-as-not-allowed': ['bad-credentials', 'person'],
  'mechanism-not-accepted': ['bad-credentials', 'person'],
  'channel-binding-failed': ['bad-credentials', 'person'],
  'token-refused': ['bad-credentials', 'person'],
  'malformed-credentials': ['bad-credentials', 'person'],
  'access-rule': ['bad-credentials', 'person'],
  'access-denied': ['not-allowed-here', 'rule'],
  'account-disabled': ['not-enabled', 'rule'],
  'protocol-not-enabled': ['not-enabled', 'rule'],
  'privacy-required': ['privacy-required', 'rule'],
  'too-many-sessions': ['limit', 'rule'],
  'too-many-connections': ['limit', 'rule'],
  throttled: ['throttled', 'rule'],
  'mailbox-in-use': ['in-use', 'rule'],
  'login-delay': ['throttled', 'rule'],
  'directory-unavailable': ['unavailable', 'ours'],
  'ldap-unavailable': ['unavailable', 'ours'],
  'ldap-account-refused': ['unavailable', 'ours'],
  'verifier-busy': ['unavailable', 'ours'],
  'front-end-busy': ['unavailable', 'ours'],
  'token-issuer-unavailable': ['unavailable', 'ours'],
  'site-unknown': ['unavailable', 'ours'],
  'shard-unassigned': ['unavailable', 'ours'],
  'site-without-protocol': ['unavailable', 'ours'],
  'site-unreachable': ['unavailable', 'ours'],
  'site-tls-failed': ['unavailable', 'ours'],
  'site-broke-off': ['unavailable', 'ours'],
  'site-broke-protocol': ['unavailable', 'ours'],
  'site-refused': ['unavailable', 'ours'],
  'site-secret-missing': ['unavailable', 'ours'],
  'site-loop': ['unavailable', 'ours'],
  'in-maintenance': ['unavailable', 'ours'],
  'site-down': ['unavailable', 'ours'],
  'site-recovering': ['unavailable', 'ours'],
  'home-limit': ['limit', 'rule'],
  'login-deadline': ['unavailable', 'ours'],
  'shutting-down': ['unavailable', 'ours'],
  'ticket-refused': ['bad-credentials', 'front-end'],
  'not-our-account': ['unavailable', 'ours'],
  'stale-epoch': ['unavailable', 'ours'],
  'mailbox-sealed': ['unavailable', 'ours'],
  'store-unavailable': ['unavailable', 'ours'],
  'volume-full': ['unavailable', 'ours'],
  'internal-error': ['unavailable', 'ours'],
};

const EVENTS: Readonly<Record<Side, FaultTreatment['event']>> = {
  person: 'login.rejected',
  rule: 'login.rejected',
  ours: 'login.failed',
  'front-end': 'ticket.refused',
};

/** The client is to come back in a moment. */
const BUSY: ReadonlySet<Fault> = new Set<Fault>(['verifier-busy', 'front-end-busy']);

/** All faults, for tests, metric labels and the reference. */
export const ALL_FAULTS: readonly Fault[] = Object.keys(FAULTS) as Fault[];

/** The one place where a fault becomes an answer, a log event and a metric label. */
export function treatFault(fault: Fault): FaultTreatment {
  const [refusal, side] = FAULTS[fault];
  // Who is told to wait need not know what is behind the front end.
  const mayExplain = side === 'rule' || BUSY.has(fault);
  return { refusal, event: EVENTS[side], metricLabel: fault, mayExplain };
}
