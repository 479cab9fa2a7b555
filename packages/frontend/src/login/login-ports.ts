/** All that a login needs of the world, and no more. */
import type { SharedSecrets } from '@homeward/directory';
import type {
  ClientAccess,
  LoginGate,
  SessionLimits,
  SessionRegistry,
} from '@homeward/login-guards';
import type { ForeignParts } from '../foreign/foreign-ports.ts';
import type { HealthPort, HomeProbes } from '../health/health-ports.ts';
import type { LoginFault } from './login-fault.ts';
import type { LoginQueue } from './login-queue.ts';
import type {
  AccountLookup,
  Clock,
  InnerConnections,
  LdapJudge,
  SecretVerifier,
  TicketSigner,
  TokenJudge,
} from './ports.ts';
import type { Route } from './route.ts';

/** What is in maintenance. */
export interface RouteMaintenance {
  /** Why nobody is led that way now; nothing when site and worker are active. */
  findRouteFault(route: Route): LoginFault | undefined;
}

/** The settings that a login reads at the moment it needs them: they change live. */
export interface LoginSettings {
  /** @param perUser The account's own limit, if it has one. */
  sessionLimitsFor(clientAddress: string, perUser: number | undefined): SessionLimits;
  /** Limit for one login, from the client's last octet to our answer. */
  readonly loginDeadlineMs: number;
}

/** All of them, as one login gets them. */
export interface LoginPorts {
  readonly accounts: AccountLookup;
  readonly access: ClientAccess;
  /** By step; of all conversations together. */
  readonly queues: { readonly lookUp: LoginQueue; readonly home: LoginQueue };
  readonly gate: LoginGate;
  readonly verifier: SecretVerifier;
  /** What was right at any front end. */
  readonly sharedSecrets: SharedSecrets;
  readonly ldap: LdapJudge;
  readonly tokens: TokenJudge;
  readonly registry: SessionRegistry;
  /** Counts by the client's address; see `claimSession`. */
  readonly addressRegistry: SessionRegistry;
  readonly connections: InnerConnections;
  readonly foreign: ForeignParts;
  readonly health: HealthPort;
  readonly probes: HomeProbes;
  readonly maintenance: RouteMaintenance;
  readonly signer: TicketSigner;
  readonly clock: Clock;
  readonly settings: LoginSettings;
}
