/** PLAIN (RFC 4616), both halves: one message, [authzid] NUL authcid NUL password. */
import { viewAsBuffer } from '@homeward/wire';
import { decodeUtf8, findPasswordProblem, readIdentity } from './identity-text.ts';
import { IDENTITY_LIMIT_BYTES, PASSWORD_LIMIT_BYTES } from './identity-text.ts';
import type { SaslClient } from './sasl-client.ts';
import type { SaslFailure, SaslServer, SaslStep } from './sasl-server.ts';

/** The longest message that is taken: both identities, the password, and two NULs. */
export const PLAIN_LIMIT_BYTES: number = 2 * IDENTITY_LIMIT_BYTES + PASSWORD_LIMIT_BYTES + 2;

/** Creates the server half. Without an initial response it sends an empty challenge. */
export function createPlainServer(): SaslServer {
  return {
    start: (initialResponse) =>
      initialResponse === undefined
        ? { kind: 'challenge', octets: new Uint8Array(0) }
        : readMessage(initialResponse),
    step: readMessage,
    refused: () => undefined,
  };
}

/** Creates the client half. */
export function createPlainClient(identity: {
  readonly authzid: string | undefined;
  readonly authcid: string;
  readonly password: Uint8Array;
}): SaslClient {
  const { authzid = '', authcid, password } = identity;
  return {
    mechanism: 'PLAIN',
    start: () => Buffer.concat([Buffer.from(`${authzid}\0${authcid}\0`, 'utf8'), password]),
    step: () => 'cancel',
  };
}

function readMessage(message: Uint8Array): SaslStep {
  if (message.length > PLAIN_LIMIT_BYTES) return failed('too-long');
  const octets = viewAsBuffer(message);
  const first = octets.indexOf(0);
  const second = octets.indexOf(0, first + 1);
  if (first < 0 || second < 0) return failed('malformed');
  // A copy: the credentials outlive the connection's buffer, and must not pin it.
  const password = Buffer.from(octets.subarray(second + 1));
  const problem = findPasswordProblem(password);
  if (problem !== undefined) return failed(problem);
  if (decodeUtf8(password) === undefined) return failed('not-utf8');
  const authcid = readIdentity(octets.subarray(first + 1, second));
  if (!authcid.ok) return failed(authcid.reason);
  const authzid = first === 0 ? undefined : readIdentity(octets.subarray(0, first));
  if (authzid !== undefined && !authzid.ok) return failed(authzid.reason);
  return {
    kind: 'credentials',
    credentials: { kind: 'password', loginName: authcid.text, actAs: authzid?.text, password },
  };
}

function failed(reason: SaslFailure): SaslStep {
  return { kind: 'failed', reason };
}
