/**
 * The surface of every protocol's dialogue before login. IMAP, POP3 and submission each
 * implement it, so that front end and back end drive all of them alike: octets in, steps out.
 * An implementation holds no socket and no timer and never waits.
 *
 * After `start-tls` or `authenticate` the dialogue takes no further octets into account until
 * it was told how that ended; octets pushed meanwhile wait, in order, within `earlyBytes`.
 */
import type { SessionEndReason } from './session-end.ts';

import type { ScramParameters } from './scram/scram-parameters.ts';

/** Why a SCRAM login cannot be bound to its TLS connection as its client asked (RFC 5802 §6). */
export type ChannelBindingFault =
  /** It believes that we cannot, though we offer it: somebody may have changed our list. */
  | 'downgraded'
  /** It sees another TLS connection, or another certificate, than we do. */
  | 'mismatch'
  /** A type that we do not know, or that this connection has not. */
  | 'unsupported'
  /** It chose the mechanism that binds and does not bind. */
  | 'missing';

/** What a client proved or claims, mechanism independent. */
export type Credentials =
  | {
      readonly kind: 'password';
      /** The identity whose password this is, as typed (RFC 4616 authcid). */
      readonly loginName: string;
      /** The identity to act as, if another was asked for (authzid). */
      readonly actAs: string | undefined;
      readonly password: Uint8Array;
    }
  | {
      readonly kind: 'scram';
      readonly loginName: string;
      readonly actAs: string | undefined;
      /** What client and server said, which the proof signs (RFC 5802 §3). */
      readonly authMessage: string;
      /** 32 octets; none where there is a `bindingFault`. */
      readonly clientProof: Uint8Array;
      /** Whatever the proof is worth, this login must be refused. */
      readonly bindingFault: ChannelBindingFault | undefined;
    }
  | {
      readonly kind: 'bearer';
      /** The `user`/authzid given beside the token, if any. */
      readonly loginName: string | undefined;
      readonly token: string;
    };

/** How the client put it: for logs, metrics and rules. */
export type LoginMethod =
  | 'LOGIN'
  | 'USER'
  | 'PLAIN'
  | 'AUTH-LOGIN'
  | 'SCRAM-SHA-256'
  | 'SCRAM-SHA-256-PLUS'
  | 'OAUTHBEARER'
  | 'XOAUTH2';

/** Why the dialogue ends the connection by itself; closed list, goes to logs and metrics. */
export type DialogueEnd =
  | 'logged-out'
  | 'line-too-long'
  | 'literal-too-big'
  | 'too-many-errors'
  | 'too-many-early-octets'
  /** It was let in, and did not take our proof that we are its server. */
  | 'server-not-believed'
  | 'http-client'
  | 'tls-to-plain-port';

/**
 * What a client chose before login and its session must know. A back end begins the session with
 * it; a front end repeats it to the home.
 */
export interface SessionChoices {
  /** Tag of the language of texts (POP3: RFC 6856 §3). */
  readonly language: string;
  /** It takes mail in UTF-8 (POP3: RFC 6856 §2). */
  readonly isUtf8: boolean;
  /** What the client calls itself (submission: EHLO, RFC 5321 §4.1.1.1). */
  readonly clientName?: string | undefined;
}

export type DialogueStep =
  /** Send these. */
  | { readonly kind: 'send'; readonly octets: string }
  /** Send what is queued, drop what came early, upgrade, then call `tlsStarted`. */
  | { readonly kind: 'start-tls' }
  /** Find out how this account's keys were made; then `scramParametersFound` or `loginRefused`. */
  | {
      readonly kind: 'find-scram-parameters';
      readonly loginName: string;
      readonly actAs: string | undefined;
    }
  /** The client has taken the server's proof: call `loginAccepted`. */
  | { readonly kind: 'server-believed' }
  /**
   * Verify; then call `loginAccepted` or `loginRefused`. A SCRAM login is told the server's proof
   * first: call `proveServer`, and go on reading until it is believed or the dialogue closes.
   */
  | {
      readonly kind: 'authenticate';
      readonly method: LoginMethod;
      readonly credentials: Credentials;
      /** Undefined where the protocol lets a client choose nothing before login. */
      readonly choices?: SessionChoices;
      /** How often the connection may be passed on, if whoever passed it on has said so. */
      readonly hopsLeft?: number;
    }
  /** Send what is queued and close. */
  | { readonly kind: 'close'; readonly reason: DialogueEnd };

/** Why a login was not let through, as far as the client may know. */
export type LoginRefusal =
  /** Wrong password, unknown user, blocked kind: all the same words. */
  | 'bad-credentials'
  /** The account may not use this protocol, or is switched off. */
  | 'not-enabled'
  /** Nobody may log in like this: from there, over this protocol, by this mechanism. */
  | 'not-allowed-here'
  /** Directory or home site away; nothing to do with the password. */
  | 'unavailable'
  /** A connection limit; `detail` names it and its number. */
  | 'limit'
  /** Too many attempts; come back later. */
  | 'throttled'
  /** The mechanism is not wanted over this connection. */
  | 'privacy-required'
  /** POP3 maildrop in use by another session. */
  | 'in-use';

/** Why a dialogue refused a login by itself, before anybody looked at it; closed list, for the log. */
export type DeclineReason =
  | 'privacy-required'
  | 'mechanism-not-offered'
  /** A name or password that nobody can have (empty, too long, no UTF-8), or nothing of the mechanism's. */
  | 'unusable-credentials';

/** The logins that a dialogue refused by itself. */
export interface DeclinedLogins {
  readonly count: number;
  readonly lastReason: DeclineReason | undefined;
}

/** Why our side says goodbye. */
export type FarewellReason =
  | 'idle'
  | 'limit'
  | 'broken-client'
  /** The protocol is not to be had here now: said in place of a greeting. */
  | 'switched-off'
  | SessionEndReason;

/** A whole line, or none, for ending a session between two answers of its home. */
export type SessionFarewells = (reason: 'idle' | SessionEndReason, reference?: string) => string;

export interface LoginDialogue {
  /** Their answers have the reference, so the log has to have it as well. */
  readonly declined: DeclinedLogins;
  /**
   * The greeting; send it first (under implicit TLS after the handshake).
   *
   * @param reference A short id that an operator finds in the log. It stands here and wherever the
   *   dialogue ends the connection.
   */
  greet(reference: string | undefined): readonly DialogueStep[];
  /** Takes octets and says what to do, in order. */
  receive(octets: Uint8Array): readonly DialogueStep[];
  /** TLS is up: everything learnt and received before is forgotten (RFC 3501 §6.2.1). */
  tlsStarted(): readonly DialogueStep[];
  /** Goes on with a SCRAM exchange. */
  scramParametersFound(parameters: ScramParameters): readonly DialogueStep[];
  /**
   * A SCRAM login is let in: shows the client that this server knows its keys (RFC 5802 §3
   * ServerSignature), which it has to take before anything else happens.
   */
  proveServer(serverSignature: Uint8Array): readonly DialogueStep[];
  /**
   * Refused: answers, and goes on with what came early. `reference` is a short id that an
   * operator finds in the log; `detail` is a short ASCII sentence.
   */
  loginRefused(
    reason: LoginRefusal,
    detail: string | undefined,
    reference: string | undefined,
  ): readonly DialogueStep[];
  /**
   * Accepted: the answer to send, and the octets that the client sent early, for who serves it
   * next. The dialogue is finished. `capabilities` are the home's (IMAP: as an atom list).
   */
  loginAccepted(capabilities: string | undefined): {
    readonly octets: string;
    readonly early: Uint8Array;
  };
  /**
   * The words for ending a connection from our side: `* BYE …`, `-ERR …`.
   *
   * @param detail A short ASCII text behind them: which limit, and its number.
   */
  farewell(reason: FarewellReason, detail?: string): string;
  /**
   * The same for the session behind the login, in the language that the client has chosen. It
   * refers to nothing of this dialogue, so that who splices may keep it for hours.
   */
  sessionFarewells(): SessionFarewells;
}

/**
 * The client half, by which a front end logs in at a home. Octets in, steps out.
 * Feed the greeting first; `ready` comes when a login may start (so a connection can wait
 * warm), then call `login`.
 */
export type UpstreamStep =
  | { readonly kind: 'send'; readonly octets: string }
  | { readonly kind: 'ready' }
  /** Logged in; `early` is what the server sent behind its answer. */
  | {
      readonly kind: 'logged-in';
      readonly capabilities: string | undefined;
      readonly early: Uint8Array;
    }
  /** Refused; `code` is the response code, upper case, if there was one. */
  | {
      readonly kind: 'refused';
      readonly code: string | undefined;
      readonly text: string;
    }
  /** What came is not this protocol, or the server said goodbye. */
  | { readonly kind: 'broken'; readonly text: string };

export interface UpstreamDialogue {
  receive(octets: Uint8Array): readonly UpstreamStep[];
  /**
   * Logs in with a ticket by OAUTHBEARER (RFC 7628).
   *
   * @param choices The client's, for the home to hear before the ticket.
   */
  login(ticket: string, choices?: SessionChoices): readonly UpstreamStep[];
}
