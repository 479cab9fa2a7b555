/** What a front end counts, beside what every service does. */
import type { ThrottleCause } from '@homeward/directory';
import { ACCEPT_REFUSALS, type AcceptRefusal } from '@homeward/net';
import { SESSION_END_REASONS } from '@homeward/sasl';
import {
  ALL_FAULTS,
  SERVICE_METRICS,
  type CounterDeclaration,
  type Fault,
  type GaugeDeclaration,
  type HistogramDeclaration,
  type ServiceMetrics,
} from '@homeward/service';

import { DOOR_REFUSALS, type DoorRefusal } from '../door-refusal.ts';
import { RECIPIENT_OUTCOMES, type RecipientOutcome } from '../lmtp/lmtp-events.ts';
import { LOGIN_PHASES, type LoginPhase } from '../login/login-phases.ts';
import type { SessionEndCause } from '../conversation/ports.ts';
import { MAIL_PROTOCOLS, type MailProtocol } from '../login/ports.ts';
import type { Accuser, HostState } from '../health/host-health.ts';

interface ByProtocol {
  readonly protocol: readonly MailProtocol[];
}

export type OwnMetrics = {
  readonly homeward_frontend_connections: GaugeDeclaration & { readonly labels: ByProtocol };
  readonly homeward_frontend_connections_refused_total: CounterDeclaration & {
    readonly labels: ByProtocol & { readonly reason: readonly DoorRefusal[] };
  };
  readonly homeward_frontend_logins_total: CounterDeclaration & {
    readonly labels: ByProtocol & { readonly outcome: readonly ('ok' | Fault)[] };
  };
  readonly homeward_frontend_login_duration_seconds: HistogramDeclaration & {
    readonly labels: ByProtocol & { readonly outcome: readonly ('ok' | 'refused')[] };
  };
  readonly homeward_frontend_sessions_ended_total: CounterDeclaration & {
    readonly labels: ByProtocol & { readonly reason: readonly SessionEndCause[] };
  };
  readonly homeward_frontend_throttled_logins_total: CounterDeclaration & {
    readonly labels: {
      readonly cause: readonly (ThrottleCause | 'tarpit-full')[];
      readonly action: readonly ('held' | 'refused')[];
    };
  };
  readonly homeward_frontend_held_logins: GaugeDeclaration;
  readonly homeward_frontend_passwords_hashed_total: CounterDeclaration;
  readonly homeward_frontend_login_phase_duration_seconds: HistogramDeclaration & {
    readonly labels: ByProtocol & { readonly phase: readonly LoginPhase[] };
  };
  readonly homeward_frontend_ldap_duration_seconds: HistogramDeclaration & {
    readonly labels: {
      readonly operation: readonly ('search' | 'bind')[];
      readonly outcome: readonly ('answered' | 'unavailable')[];
    };
  };
  readonly homeward_frontend_passwords_in_queue: GaugeDeclaration;
  readonly homeward_frontend_directory_behind_seconds: GaugeDeclaration;
  readonly homeward_frontend_warm_connections: GaugeDeclaration;
  readonly homeward_frontend_foreign_warm_connections: GaugeDeclaration;
  readonly homeward_frontend_foreign_connections_total: CounterDeclaration & {
    readonly labels: { readonly kind: readonly ('warm' | 'new')[] };
  };
  readonly homeward_frontend_home_handshakes_total: CounterDeclaration & {
    readonly labels: { readonly kind: readonly ('full' | 'resumed')[] };
  };
  readonly homeward_frontend_home_hosts: GaugeDeclaration & {
    readonly labels: { readonly state: readonly HostState[] };
  };
  readonly homeward_frontend_home_hosts_condemned_total: CounterDeclaration & {
    readonly labels: { readonly by: readonly Accuser[] };
  };
  readonly homeward_frontend_home_probes_total: CounterDeclaration & {
    readonly labels: { readonly outcome: readonly ('ok' | 'failed')[] };
  };
  readonly homeward_frontend_lmtp_connections: GaugeDeclaration;
  readonly homeward_frontend_lmtp_connections_refused_total: CounterDeclaration & {
    readonly labels: { readonly reason: readonly (AcceptRefusal | 'untrusted')[] };
  };
  readonly homeward_frontend_lmtp_recipients_total: CounterDeclaration & {
    readonly labels: { readonly outcome: readonly RecipientOutcome[] };
  };
};

export type FrontEndMetrics = ServiceMetrics & OwnMetrics;

const protocol = MAIL_PROTOCOLS;

const SESSION_END_CAUSES: readonly SessionEndCause[] = [
  'client',
  'home',
  'client-broken',
  'home-broken',
  'idle',
  ...SESSION_END_REASONS,
];

/** For the reference: those of the service layer have a page of their own. */
export const OWN_METRICS: OwnMetrics = {
  homeward_frontend_connections: {
    kind: 'gauge',
    help: 'Connections of clients that are open, logged in or not.',
    labels: { protocol },
  },
  homeward_frontend_connections_refused_total: {
    kind: 'counter',
    help: 'Connections that ended before their greeting. `gone` is the peer’s own doing, a check that the port is open say; `switched-off` is the protocol, `draining` the front end.',
    labels: { protocol, reason: DOOR_REFUSALS },
  },
  homeward_frontend_logins_total: {
    kind: 'counter',
    help: 'Logins by what came of them; whatever is no fault of a person is worth an alarm.',
    labels: { protocol, outcome: ['ok', ...ALL_FAULTS] },
  },
  homeward_frontend_login_duration_seconds: {
    kind: 'histogram',
    help: 'From the client’s last octet of a login to our answer.',
    labels: { protocol, outcome: ['ok', 'refused'] },
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
  },
  homeward_frontend_sessions_ended_total: {
    kind: 'counter',
    help: 'Sessions that ended, by who or what ended them.',
    labels: { protocol, reason: SESSION_END_CAUSES },
  },
  homeward_frontend_throttled_logins_total: {
    kind: 'counter',
    help: 'Logins that were slowed down because of wrong passwords: of their network (address), of strangers at their account (account), or of their account’s known network (known).',
    labels: {
      cause: ['address', 'account', 'known', 'tarpit-full'],
      action: ['held', 'refused'],
    },
  },
  homeward_frontend_held_logins: {
    kind: 'gauge',
    help: 'Logins that wait before their passwords are looked at; beyond 2,000 those of networks that guess are refused, others wait no longer.',
  },
  homeward_frontend_passwords_hashed_total: {
    kind: 'counter',
    help: 'Passwords whose hash was computed: not those that were right a moment ago, nor those that were refused before.',
  },
  homeward_frontend_login_phase_duration_seconds: {
    kind: 'histogram',
    help: 'Where the time goes: the client’s TLS handshake, then the parts of a login: account looked up, held back because of wrong passwords, secret verified, connection to the home (warm ones take none), limit counted beside it, ticket answered by the home.',
    labels: { protocol, phase: LOGIN_PHASES },
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
  },
  homeward_frontend_ldap_duration_seconds: {
    kind: 'histogram',
    help: 'Questions to LDAP, from asking to the answer of whichever server gave one; `unavailable`: none did.',
    labels: { operation: ['search', 'bind'], outcome: ['answered', 'unavailable'] },
    buckets: [0.001, 0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5],
  },
  homeward_frontend_passwords_in_queue: {
    kind: 'gauge',
    help: 'Passwords that are being verified or wait for it; beyond 64 logins are refused with verifier-busy.',
  },
  homeward_frontend_directory_behind_seconds: {
    kind: 'gauge',
    help: 'How long the directory was not heard of: below 2 while all is well, +Inf before the first contact.',
  },
  homeward_frontend_warm_connections: {
    kind: 'gauge',
    help: 'Connections to sites that wait for a login.',
  },
  homeward_frontend_foreign_warm_connections: {
    kind: 'gauge',
    help: 'Connections to sites of other software that wait for a login.',
  },
  homeward_frontend_foreign_connections_total: {
    kind: 'counter',
    help: 'Connections to sites of other software that a login was given, without those that begin with a PROXY header: kept ready, or opened for it.',
    labels: { kind: ['warm', 'new'] },
  },
  homeward_frontend_home_handshakes_total: {
    kind: 'counter',
    help: 'TLS handshakes with workers of sites; a resumed one costs neither side a signature.',
    labels: { kind: ['full', 'resumed'] },
  },
  homeward_frontend_home_hosts: {
    kind: 'gauge',
    help: 'Hosts of sites that clients went to lately, one for each protocol, by their health; `condemned` ones are passed over.',
    labels: { state: ['healthy', 'suspected', 'condemned', 'recovering'] },
  },
  homeward_frontend_home_hosts_condemned_total: {
    kind: 'counter',
    help: 'Hosts of sites that were found not to answer: by logins of two clients or more, or by probes.',
    labels: { by: ['clients', 'probes'] },
  },
  homeward_frontend_home_probes_total: {
    kind: 'counter',
    help: 'Connections to hosts of sites that were opened to see whether they answer.',
    labels: { outcome: ['ok', 'failed'] },
  },
  homeward_frontend_lmtp_connections: {
    kind: 'gauge',
    help: 'Connections of MTAs that are open.',
  },
  homeward_frontend_lmtp_connections_refused_total: {
    kind: 'counter',
    help: 'Connections of MTAs that ended before their greeting; `untrusted`: not from lmtp.trustedNetworks.',
    labels: { reason: [...ACCEPT_REFUSALS, 'untrusted'] },
  },
  homeward_frontend_lmtp_recipients_total: {
    kind: 'counter',
    help: 'Recipients of MTAs’ mail by what came of them. `unanswered`: the home had the message and did not answer, so that the MTA may bring it a second time.',
    labels: { outcome: RECIPIENT_OUTCOMES },
  },
};

/** All that a front end counts. */
export const FRONT_END_METRICS: FrontEndMetrics = { ...SERVICE_METRICS, ...OWN_METRICS };
