/**
 * What a conversation needs of the world, and no more. `wiring.ts` supplies these over `net`,
 * `directory`, `ticket` and `service`; tests supply scripted ones.
 *
 * Everything that can fail in an expected way answers with a value; whatever rejects is a bug.
 */
import type {
  AccountId,
  AccountRecord,
  HashTurn,
  LoginLookup,
  LoginRecord,
  Protocol,
  ScramVerdict,
  SessionClaim,
  SharedSecrets,
  SiteLookup,
  SiteName,
  SiteRecord,
} from '@homeward/directory';
import type { LdapAuthentication } from '@homeward/ldap';
import type { AcceptRefusal } from '@homeward/net';
import type {
  ChannelBindingType,
  LoginDialogue,
  ScramParameters,
  ScramProof,
  SessionEndReason,
  UpstreamDialogue,
} from '@homeward/sasl';
import type { ClientTlsMode, Fault, SessionLog, SessionLogFacts } from '@homeward/service';
import type { TicketClaims } from '@homeward/ticket';
import type { TokenVerdict } from '@homeward/token-issuers';
import type { OctetStream } from '@homeward/wire';
import type { ForeignParts } from '../foreign/foreign-ports.ts';
import type { AccessFacts, AccessVerdict } from '../access/evaluate-rules.ts';
import type { HealthPort, HomeProbes } from '../health/health-ports.ts';
import type { FrontEndLog } from '../log-events.ts';
import type { Route } from './route.ts';
import type { SessionLimits } from './claim.ts';
import type { LoginFault } from './login-fault.ts';
import type { LoginQueue } from './login-queue.ts';
import type { LoginPhase } from './login-phases.ts';

/** The protocols whose conversations this front end carries. */
export type MailProtocol = Exclude<Protocol, 'submission'>;

export interface TlsFacts {
  readonly version: string;
  readonly cipher: string;
}

/** A client's connection, accepted and, on a port with implicit TLS, through its handshake. */
export interface ClientConnection extends OctetStream {
  /** The client itself, also behind a load balancer that announced it. */
  readonly remote: { readonly address: string; readonly port: number };
  /** Where it was accepted. */
  readonly local: { readonly address: string; readonly port: number };
  /** Where the client connected to: the same, or what a load balancer said. */
  readonly connectedTo: { readonly address: string; readonly port: number };
  /** How often it may still be passed on, if a load balancer said so. */
  readonly hopsLeft: number | undefined;
  /** `host:port` of that load balancer, for the log. */
  readonly via: string | undefined;
  /** Undefined while the connection is plain. */
  readonly tls: TlsFacts | undefined;
  /** What binds a login to the TLS that we have ended; undefined if it has none of that type. */
  findChannelBinding(type: ChannelBindingType): Uint8Array | undefined;
  /**
   * Upgrades, as the server. What the client sent before its ClientHello is dropped.
   *
   * @returns False when the handshake failed or took too long; the connection is then gone.
   */
  startTls(): Promise<boolean>;
  /** Sends what is queued, then closes in order, within a bound. Settles when it is closed. */
  close(): Promise<void>;
  /** Closes at once; what is queued is lost. */
  destroy(): void;
}

/** A connection to one worker of a home site, encrypted and verified. */
export interface InnerConnection extends OctetStream {
  /** base64url of the TLS exporter that binds a ticket; undefined where the leg is plain. */
  readonly exporter: string | undefined;
  destroy(): void;
}

/** Where an account's session is to be opened. */
export interface InnerTarget {
  readonly protocol: MailProtocol;
  readonly site: SiteName;
  /** The name that the certificate must carry. */
  readonly serverName: string;
  readonly host: string;
  readonly port: number;
  /** Where it takes front ends without TLS; undefined: nowhere. */
  readonly plainPort?: number | undefined;
}

export type DialOutcome =
  | { readonly ok: true; readonly connection: InnerConnection }
  | {
      readonly ok: false;
      readonly reason: 'unreachable' | 'tls-failed';
      /** For the log only. */
      readonly detail: string;
    };

/** Dials a home's worker; aborting closes any half-open socket before the promise settles. */
export interface InnerDialler {
  dial(target: InnerTarget, signal: AbortSignal): Promise<DialOutcome>;
}

/** An inner connection whose greeting was read: a login may be sent at once. */
export interface GreetedConnection {
  readonly connection: InnerConnection;
  readonly dialogue: UpstreamDialogue;
  /**
   * A read that is already under way (a waiting connection keeps one, to see its own death);
   * who logs in must await this one before reading again.
   */
  readonly pendingRead: ReturnType<OctetStream['read']> | undefined;
  /** Taken from the pool, so it may have died unseen. */
  readonly isWarm: boolean;
}

export type GreetOutcome =
  | { readonly ok: true; readonly greeted: GreetedConnection }
  | {
      readonly ok: false;
      readonly reason: 'unreachable' | 'tls-failed' | 'broke-off' | 'broke-protocol';
      readonly detail: string;
    };

/** Warm or newly dialled connections, greeting read. */
export interface InnerConnections {
  /**
   * @param mayBeWarm False dials anew in any case.
   * @returns A connection, which the caller must destroy or splice.
   */
  take(target: InnerTarget, mayBeWarm: boolean, signal: AbortSignal): Promise<GreetOutcome>;
}

/** Finds accounts and sites, from copies while the directory is away. Never rejects. */
export interface AccountLookup {
  /** @param name In normal form (`readLoginIdentities`). */
  findAccount(name: string): Promise<LoginLookup>;
  getSite(name: SiteName): Promise<SiteLookup>;
  /** The same, read from the directory just now; `unavailable` while that is away. */
  rereadAccount(name: string, doubted: AccountRecord): Promise<LoginLookup>;
  rereadSite(name: SiteName, doubted: SiteRecord | undefined): Promise<SiteLookup>;
}

/** Who may log in how, and from where. */
export interface ClientAccess {
  judge(facts: AccessFacts): AccessVerdict;
}

/** An attempt at the gate before the secrets. */
export interface GateAttempt {
  readonly conversationId: string;
  readonly protocol: MailProtocol;
  readonly clientAddress: string;
  /** Undefined when nobody has the name. */
  readonly accountId: AccountId | undefined;
  /** Lower case. */
  readonly loginName: string;
  /** Undefined where the secret is not seen, or is never the same twice. */
  readonly secret: Uint8Array | undefined;
}

/** Leave to look at the secret. */
export interface GatePass {
  readonly ok: true;
  /** The account is at home where the attempt comes from: it goes before strangers. */
  readonly isKnown: boolean;
  /** Tell it at most once; `wrong` before the client is answered. Never rejects. */
  noteOutcome(outcome: 'right' | 'wrong'): Promise<void>;
}

/** Slows guessing down before it costs anything. Never rejects. */
export interface LoginGate {
  /**
   * Waits, within a bound, or refuses.
   *
   * @param deadline Stands still while the attempt is made to wait.
   */
  enter(
    attempt: GateAttempt,
    deadline: { pause(): void; resume(): void },
  ): Promise<GatePass | LoginFault>;
}

/** Checks passwords in a bounded queue. */
export interface SecretVerifier {
  /** Whether this password of this account, as it is now, was right a moment ago: costs nothing. */
  isRemembered(login: LoginRecord, password: Uint8Array): boolean;
  /** It was right at another front end. */
  remember(login: LoginRecord, password: Uint8Array): void;
  /**
   * Takes the time of one full verification for an unknown user, an account without a password,
   * a wrong password, and any password of a blocked kind.
   *
   * @returns `busy` when the queue is full: nothing is known about the password.
   */
  verifyPassword(
    login: LoginRecord | undefined,
    password: Uint8Array,
    turn: HashTurn,
  ): Promise<'match' | 'mismatch' | 'busy'>;
  /** How an account's SCRAM keys were made; for who has none, something that looks like it. */
  findScramParameters(
    login: LoginRecord | undefined,
    name: string,
  ): Promise<ScramParameters | 'unavailable'>;
  /** Takes the same time for every proof that is wrong; cheap. */
  verifyScram(
    login: LoginRecord | undefined,
    proof: ScramProof,
    protocol: MailProtocol,
  ): ScramVerdict;
  /** The app password that this is, if any, for this protocol; cheap, and never for long. */
  findAppPassword(
    login: LoginRecord | undefined,
    password: Uint8Array,
    protocol: MailProtocol,
  ): { readonly id: string } | undefined;
  /** For the person who wonders which may go. Returns at once. */
  noteAppPasswordUse(accountId: AccountRecord['id'], appPasswordId: string): void;
}

/** Judges secrets of accounts whose record says that LDAP does. Never rejects. */
export interface LdapJudge {
  /** Takes a few seconds at most, whatever the servers do. */
  authenticate(login: LoginRecord, secret: Uint8Array): Promise<LdapAuthentication>;
  /** Whether this very secret was right minutes ago. */
  isRemembered(login: LoginRecord, secret: Uint8Array): boolean;
}

/** Judges the tokens of foreign issuers. Never rejects for anything they can do. */
export interface TokenJudge {
  judge(token: string): Promise<TokenVerdict>;
}

/** Live sessions over all front ends. */
export interface SessionRegistry {
  /**
   * @returns How many the account now has, this one included; counted here alone while the
   *   registry is away, so that a limit never falls open.
   */
  claim(session: SessionClaim): Promise<number>;
  /** Never rejects; a claim that cannot be released ends with the lease. */
  release(session: SessionClaim): Promise<void>;
}

/** Signs with this front end's key; adds `iat`, `exp` and, without an exporter, `jti`. */
export interface TicketSigner {
  sign(claims: Omit<TicketClaims, 'iat' | 'exp' | 'jti'>): string;
}

/** Why a spliced conversation ended. */
export type SpliceEndCause =
  /** Closed in order by this side. */
  | 'client'
  | 'home'
  /** This side's connection broke. */
  | 'client-broken'
  | 'home-broken'
  | 'idle'
  /** `end` was called. */
  | 'stopped';

/** Why a session ended; closed list, goes to the log and to metrics. */
export type SessionEndCause = Exclude<SpliceEndCause, 'stopped'> | SessionEndReason;

export interface SpliceEnd {
  readonly cause: SpliceEndCause;
  readonly clientOctets: number;
  readonly homeOctets: number;
}

/** Two connections joined; both are closed when `ended` settles (it never rejects). */
export interface Splice {
  readonly ended: Promise<SpliceEnd>;
  /**
   * Ends both sides in order. The words reach the client only if the last octets from its home
   * ended a line. Should that line have been one of a message (a literal, a RETR), the message
   * stays incomplete and the client throws it away with the words in it. A POP3 client whose
   * command is under way takes them for its answer, which may be untrue of a QUIT.
   */
  end(farewell: string): void;
  /** The same, as soon as the home has answered and both sides are silent for a while. */
  endWhenQuiet(farewell: string): void;
}

/** A session that is to end, and what can be done about it. */
export interface EndableSession {
  readonly conversationId: string;
  /** Where it is open; undefined at a site of other software, which cannot be asked. */
  readonly target: InnerTarget | undefined;
  readonly splice: Splice;
  /** For the client, should the home not say it. */
  readonly farewell: string;
}

/** Ends sessions where nothing is lost by it: between commands, or in IDLE. */
export interface SessionEnder {
  /**
   * The home is asked to end it at its next safe point. One that cannot be asked is waited for to
   * fall silent. A command that takes too long is cut.
   */
  end(session: EndableSession, reason: SessionEndReason): void;
}

export interface Relay {
  splice(
    client: ClientConnection,
    inner: InnerConnection,
    limits: { readonly idleLimitMs: number; readonly idleFarewell: string },
  ): Splice;
}

/** Time, injected. */
export interface Clock {
  /** Milliseconds since 1970; may jump. */
  nowMs(): number;
  /** Milliseconds since some moment; never goes back. */
  elapsedMs(): number;
  /**
   * @param options `keepsProcess`: the process does not end while this waits.
   * @returns A function that cancels; calling it late does nothing.
   */
  after(
    delayMs: number,
    run: () => void,
    options?: { readonly keepsProcess?: boolean },
  ): () => void;
}

/** Counts; each label's values are a closed list. */
export interface ConversationMetrics {
  connectionOpened(protocol: MailProtocol): void;
  connectionClosed(protocol: MailProtocol): void;
  /** Before there was a conversation: a limit, a handshake that failed. */
  connectionRefused(protocol: MailProtocol, reason: AcceptRefusal): void;
  /** A handshake, or a part of a login. */
  phaseEnded(protocol: MailProtocol, phase: LoginPhase, durationMs: number): void;
  loginEnded(protocol: MailProtocol, outcome: 'ok' | Fault, durationMs: number): void;
  /** A session that a home had opened. */
  sessionEnded(protocol: MailProtocol, endedBy: SessionEndCause): void;
}

/** Makes the two halves of a protocol's dialogue for one connection. */
export interface DialogueFactory {
  /**
   * @param tls What the listener offers.
   * @param client Undefined for a dialogue of which only its words are wanted.
   */
  createLoginDialogue(
    protocol: MailProtocol,
    tls: ClientTlsMode,
    client: Pick<ClientConnection, 'findChannelBinding'> | undefined,
  ): LoginDialogue;
  createUpstreamDialogue(protocol: MailProtocol): UpstreamDialogue;
}

/** The settings that a conversation reads at the moment it needs them: they change live. */
export interface ConversationSettings {
  /** @param perUser The account's own limit, if it has one. */
  sessionLimitsFor(clientAddress: string, perUser: number | undefined): SessionLimits;
  /** Limit for one login, from the client's last octet to our answer. */
  readonly loginDeadlineMs: number;
  /** Limit from the connection (or the last answered login) to the next login. */
  readonly preAuthenticatedTimeoutMs: number;
  /** Limit of silence after login. */
  readonly authenticatedTimeoutMs: number;
  isProtocolEnabled(protocol: MailProtocol): boolean;
}

/** Exchange's protocol logs. */
export interface ProtocolLogs {
  /** @returns Where the session's lines go; undefined while its protocol is not logged. */
  openSession(facts: SessionLogFacts): SessionLog | undefined;
}

/** What is in maintenance. */
export interface RouteMaintenance {
  /** Why nobody is led that way now; nothing when site and worker are active. */
  findRouteFault(route: Route): LoginFault | undefined;
}

/** All of them, as one conversation gets them. */
export interface ConversationPorts {
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
  readonly relay: Relay;
  readonly ender: SessionEnder;
  readonly maintenance: RouteMaintenance;
  readonly signer: TicketSigner;
  readonly dialogues: DialogueFactory;
  readonly clock: Clock;
  readonly log: FrontEndLog;
  readonly protocolLog: ProtocolLogs;
  readonly metrics: ConversationMetrics;
  readonly settings: ConversationSettings;
}
