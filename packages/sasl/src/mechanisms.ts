/**
 * The mechanisms a server can offer, and when it may. To add one: write its file, add a row here
 * and its name to `LoginMethod`.
 */
import type { LoginMethod } from './login-dialogue.ts';
import { createLoginServer, LOGIN_LIMIT_BYTES } from './login.ts';
import { createOauthBearerServer, OAUTHBEARER_LIMIT_BYTES } from './oauthbearer.ts';
import { createPlainServer, PLAIN_LIMIT_BYTES } from './plain.ts';
import type { SaslServer } from './sasl-server.ts';

export type MechanismName = 'PLAIN' | 'LOGIN' | 'OAUTHBEARER';

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
  createServer(): SaslServer;
}

/** All mechanisms, in the order in which they are offered. */
export const SASL_MECHANISMS: readonly SaslMechanism[] = [
  {
    name: 'PLAIN',
    method: 'PLAIN',
    revealsSecret: true,
    responseLimitBytes: PLAIN_LIMIT_BYTES,
    createServer: createPlainServer,
  },
  {
    name: 'LOGIN',
    method: 'AUTH-LOGIN',
    revealsSecret: true,
    responseLimitBytes: LOGIN_LIMIT_BYTES,
    createServer: createLoginServer,
  },
  {
    name: 'OAUTHBEARER',
    method: 'OAUTHBEARER',
    revealsSecret: true,
    responseLimitBytes: OAUTHBEARER_LIMIT_BYTES,
    createServer: createOauthBearerServer,
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
  connection: { readonly isEncrypted: boolean; readonly loginType: LoginType },
): readonly SaslMechanism[] {
  return SASL_MECHANISMS.filter(
    ({ name, revealsSecret }) =>
      configured.includes(name) && isLoginAllowed(revealsSecret, connection),
  );
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
