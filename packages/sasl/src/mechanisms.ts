/**
 * The mechanisms a server can offer, and when it may. To add one: write its file, add a row here
 * and its name to `LoginMethod`.
 */
import type { LoginMethod } from './login-dialogue.ts';
import { createLoginServer, LOGIN_LIMIT_BYTES } from './login.ts';
import { createOauthBearerServer, OAUTHBEARER_LIMIT_BYTES } from './oauthbearer.ts';
import { createPlainServer, PLAIN_LIMIT_BYTES } from './plain.ts';
import type { SaslServer } from './sasl-server.ts';
import type { SaslSurroundings } from './sasl-surroundings.ts';
import { SCRAM_LIMIT_BYTES } from './scram/client-messages.ts';
import { createScramServer } from './scram/scram-server.ts';
import { createXoauth2Server, XOAUTH2_LIMIT_BYTES } from './xoauth2.ts';

export type MechanismName =
  | 'SCRAM-SHA-256-PLUS'
  | 'SCRAM-SHA-256'
  | 'PLAIN'
  | 'LOGIN'
  | 'OAUTHBEARER'
  | 'XOAUTH2';

/**
 * What a server asks of a connection before anybody logs in over it; Exchange's LoginType.
 * - `SecureLogin`: TLS, whatever the mechanism. The default.
 * - `PlainTextAuthentication`: TLS for mechanisms that show a secret to who listens.
 * - `PlainTextLogin`: nothing; for closed networks.
 */
export type LoginType = 'SecureLogin' | 'PlainTextAuthentication' | 'PlainTextLogin';

/** One mechanism, as data. */
export interface SaslMechanism {
  readonly name: MechanismName;
  /** How a login by it is called in logs and metrics. */
  readonly method: LoginMethod;
  /** Who listens learns a password or a token. */
  readonly revealsSecret: boolean;
  /** The longest response it takes, decoded; see `base64LineBytes`. */
  readonly responseLimitBytes: number;
  /** Binds a login to its TLS connection, so it needs one that this server has ended. */
  readonly bindsChannel: boolean;
  createServer(surroundings: SaslSurroundings): SaslServer;
}

/** All mechanisms, in the order in which they are offered. */
export const SASL_MECHANISMS: readonly SaslMechanism[] = [
  {
    name: 'SCRAM-SHA-256-PLUS',
    method: 'SCRAM-SHA-256-PLUS',
    revealsSecret: false,
    bindsChannel: true,
    responseLimitBytes: SCRAM_LIMIT_BYTES,
    createServer: (surroundings) => createScramServer(surroundings, true),
  },
  {
    name: 'SCRAM-SHA-256',
    method: 'SCRAM-SHA-256',
    revealsSecret: false,
    bindsChannel: false,
    responseLimitBytes: SCRAM_LIMIT_BYTES,
    createServer: (surroundings) => createScramServer(surroundings, false),
  },
  {
    name: 'PLAIN',
    method: 'PLAIN',
    revealsSecret: true,
    bindsChannel: false,
    responseLimitBytes: PLAIN_LIMIT_BYTES,
    createServer: createPlainServer,
  },
  {
    name: 'LOGIN',
    method: 'AUTH-LOGIN',
    revealsSecret: true,
    bindsChannel: false,
    responseLimitBytes: LOGIN_LIMIT_BYTES,
    createServer: createLoginServer,
  },
  {
    name: 'OAUTHBEARER',
    method: 'OAUTHBEARER',
    revealsSecret: true,
    bindsChannel: false,
    responseLimitBytes: OAUTHBEARER_LIMIT_BYTES,
    createServer: ({ tokenHint }) => createOauthBearerServer(tokenHint),
  },
  {
    name: 'XOAUTH2',
    method: 'XOAUTH2',
    revealsSecret: true,
    bindsChannel: false,
    responseLimitBytes: XOAUTH2_LIMIT_BYTES,
    createServer: ({ tokenHint }) => createXoauth2Server(tokenHint),
  },
];

/** May a login that does (not) reveal a secret happen over this connection? */
export function isLoginAllowed(
  revealsSecret: boolean,
  connection: { readonly isEncrypted: boolean; readonly loginType: LoginType },
): boolean {
  if (connection.isEncrypted || connection.loginType === 'PlainTextLogin') return true;
  return connection.loginType === 'PlainTextAuthentication' && !revealsSecret;
}

/**
 * The mechanisms to offer over a connection, of those that are configured.
 *
 * @param configured Names from the server's settings.
 */
export function offeredMechanisms(
  configured: readonly MechanismName[],
  connection: {
    readonly isEncrypted: boolean;
    readonly loginType: LoginType;
    /** The surroundings have a channel to bind to; counts under TLS alone. */
    readonly canBind: boolean;
    /** Whatever `loginType` says. */
    readonly alwaysOffered?: MechanismName | undefined;
  },
): readonly SaslMechanism[] {
  const canBind = connection.isEncrypted && connection.canBind;
  return SASL_MECHANISMS.filter(
    ({ name, revealsSecret, bindsChannel }) =>
      configured.includes(name) &&
      (name === connection.alwaysOffered || isLoginAllowed(revealsSecret, connection)) &&
      (canBind || !bindsChannel),
  );
}

/**
 * What the mechanisms that are offered may know: a channel to bind to only where one is offered
 * that binds, since a client that sees none is right to say that we cannot (RFC 5802 §6).
 */
export function surroundingsOfOffer(
  offered: readonly SaslMechanism[],
  surroundings: SaslSurroundings,
): SaslSurroundings {
  if (offered.some(({ bindsChannel }) => bindsChannel)) return surroundings;
  return { ...surroundings, findChannelBinding: undefined };
}

/** @param name As the client wrote it; names have no case on the wire. */
export function findMechanism(name: string): SaslMechanism | undefined {
  const upperCase = name.toUpperCase();
  return SASL_MECHANISMS.find((mechanism) => mechanism.name === upperCase);
}

/** The longest line that a response of so many octets takes: base64 and CRLF. */
export function base64LineBytes(responseLimitBytes: number): number {
  return Math.ceil(responseLimitBytes / 3) * 4 + 2;
}
