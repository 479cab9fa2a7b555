/**
 * What a conversation needs of the world beside what its logins need, and no more. `wiring.ts`
 * supplies these over `net`, `sasl` and `service`; tests supply scripted ones.
 *
 * Everything that can fail in an expected way answers with a value; whatever rejects is a bug.
 */
import type {
  ChannelBindingType,
  LoginDialogue,
  SessionEndReason,
  UpstreamDialogue,
} from '@homeward/sasl';
import type { ClientTlsMode, Fault, SessionLog, SessionLogFacts } from '@homeward/service';
import type { OctetStream } from '@homeward/wire';
import type { DoorRefusal } from '../door-refusal.ts';
import type { FrontEndLog } from '../log-events.ts';
import type { LoginPhase } from '../login/login-phases.ts';
import type { LoginPorts, LoginSettings } from '../login/login-ports.ts';
import type { InnerConnection, InnerTarget, MailProtocol, TlsFacts } from '../login/ports.ts';

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
  /** Resolves when the client sends no more; see `SocketStream.peerEnded`. */
  readonly peerEnded: Promise<void>;
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
   * Ends both sides in order. The words reach the client only between two commands and in IDLE, as
   * far as the last octets of both sides show that.
   */
  end(farewell: string): void;
  /**
   * The same, as soon as the session is there and both sides are silent for a while. Never if that
   * cannot be told: whoever calls it calls `end` some time later.
   */
  endWhenQuiet(farewell: string): void;
  /** Cuts both sides, whatever is on its way. */
  destroy(): void;
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
   * The home is asked to end it at its next safe point. Where it cannot be asked, what both sides
   * said last has to show one. A command that takes too long is cut.
   */
  end(session: EndableSession, reason: SessionEndReason): void;
}

export interface SpliceTerms {
  readonly protocol: MailProtocol;
  readonly idleLimitMs: number;
  readonly idleFarewell: string;
  /** Sent already, behind the login's answer: from the client, from its home. */
  readonly early: Uint8Array;
  readonly homeEarly: Uint8Array;
}

export interface Relay {
  splice(client: ClientConnection, inner: InnerConnection, terms: SpliceTerms): Splice;
}

/** Counts; each label's values are a closed list. */
export interface ConversationMetrics {
  connectionOpened(protocol: MailProtocol): void;
  connectionClosed(protocol: MailProtocol): void;
  /** Before there was a conversation: a limit, a handshake that failed, a protocol that is off. */
  connectionRefused(protocol: MailProtocol, reason: DoorRefusal): void;
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
export interface ConversationSettings extends LoginSettings {
  /** Limit from the connection (or the last answered login) to the next login. */
  readonly preAuthenticatedTimeoutMs: number;
  /** Limit of silence after login. */
  authenticatedTimeoutMs(protocol: MailProtocol): number;
  isProtocolEnabled(protocol: MailProtocol): boolean;
}

/** Exchange's protocol logs. */
export interface ProtocolLogs {
  /** @returns Where the session's lines go; undefined while its protocol is not logged. */
  openSession(facts: SessionLogFacts): SessionLog | undefined;
}

/** All of them, and those of its logins, as one conversation gets them. */
export interface ConversationPorts extends LoginPorts {
  readonly relay: Relay;
  readonly ender: SessionEnder;
  readonly dialogues: DialogueFactory;
  readonly log: FrontEndLog;
  readonly protocolLog: ProtocolLogs;
  readonly metrics: ConversationMetrics;
  readonly settings: ConversationSettings;
}
