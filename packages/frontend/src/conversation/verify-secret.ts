/**
 * Checks the client's secret, and forgets it: from here on nothing in the conversation knows
 * it, and the home never does.
 *
 * Whoever measures must learn nothing: an unknown user, an account without a password, a wrong
 * password and a blocked kind (with its right password, too) each cost one full verification.
 */
import type { LoginRecord } from '@homeward/directory';
import type { Credentials } from '@homeward/sasl';
import type { LoginFault } from './login-fault.ts';
import type { SecretVerifier } from './ports.ts';

/**
 * @param login What the look-up found; undefined is verified against nothing, at equal cost.
 * @returns The account when the secret is its own. `credentials.password` is overwritten
 *   before the promise settles, whatever comes of it.
 */
export async function verifySecret(
  verifier: SecretVerifier,
  login: LoginRecord | undefined,
  credentials: Extract<Credentials, { kind: 'password' }>,
): Promise<{ readonly ok: true; readonly login: LoginRecord } | LoginFault> {
  try {
    const verdict = await verifier.verifyPassword(login, credentials.password);
    if (verdict === 'busy') return { ok: false, reason: 'verifier-busy' };
    if (login === undefined) return { ok: false, reason: 'unknown-user' };
    if (login.credentials === undefined) return { ok: false, reason: 'no-secret' };
    if (verdict === 'mismatch') return { ok: false, reason: 'wrong-password' };
    return { ok: true, login };
  } finally {
    credentials.password.fill(0);
  }
}
