/**
 * LOGIN, the server's half: asks for the name, then for the password. Never specified beyond
 * draft-murchison-sasl-login, but some clients (old Outlook, many devices) know nothing better.
 *
 * Deviation: RFC 5034 §4 and RFC 4954 §4 want an initial response refused by a mechanism in which
 * the server speaks first. Outlook and .NET send the name that way, and servers take it.
 */
import { findPasswordProblem, readIdentity } from './identity-text.ts';
import { IDENTITY_LIMIT_BYTES, PASSWORD_LIMIT_BYTES } from './identity-text.ts';
import type { SaslServer, SaslStep } from './sasl-server.ts';

/** The longest response that is taken. */
export const LOGIN_LIMIT_BYTES: number = Math.max(IDENTITY_LIMIT_BYTES, PASSWORD_LIMIT_BYTES);

/** The prompts are fixed: clients compare them. */
const NAME_PROMPT: Buffer = Buffer.from('Username:');
const PASSWORD_PROMPT: Buffer = Buffer.from('Password:');

/** Creates the server half. */
export function createLoginServer(): SaslServer {
  let loginName: string | undefined;

  function step(response: Uint8Array): SaslStep {
    if (loginName !== undefined) return readPassword(loginName, response);
    const name = readIdentity(response);
    if (!name.ok) return { kind: 'failed', reason: name.reason };
    loginName = name.text;
    return { kind: 'challenge', octets: PASSWORD_PROMPT };
  }

  return {
    start: (initialResponse) =>
      initialResponse === undefined
        ? { kind: 'challenge', octets: NAME_PROMPT }
        : step(initialResponse),
    step,
    refused: () => undefined,
  };
}

function readPassword(loginName: string, response: Uint8Array): SaslStep {
  const problem = findPasswordProblem(response);
  if (problem !== undefined) return { kind: 'failed', reason: problem };
  // A copy: the credentials outlive the connection's buffer, and must not pin it.
  const password = Buffer.from(response);
  return {
    kind: 'credentials',
    credentials: { kind: 'password', loginName, actAs: undefined, password },
  };
}
