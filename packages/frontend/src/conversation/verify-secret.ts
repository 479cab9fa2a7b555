/**
 * Checks the client's secret, and forgets it: from here on nothing in the conversation knows
 * it, and the home never does.
 *
 * Whoever measures must learn nothing: an unknown user, an account without a password, a wrong
 * password and a blocked kind (with its right password, too) each cost one full verification.
 */
import type { Credentials } from '@homeward/sasl';
import type { FoundAccount } from './look-up.ts';
import type { LoginFault } from './login-fault.ts';
import { isBlockedKind } from './policy.ts';
import type { SecretVerifier } from './ports.ts';

/**
 * @param found What the look-up found; undefined is verified against nothing, at equal cost.
 * @returns The account when the secret is its own. `credentials.password` is overwritten
 *   before the promise settles, whatever comes of it.
 */
export async function verifySecret(
  verifier: SecretVerifier,
  found: FoundAccount | undefined,
  credentials: Extract<Credentials, { kind: 'password' }>,
): Promise<{ readonly ok: true; readonly account: FoundAccount } | LoginFault> {
  const known = knownSecret(found);
  const mayRemember = found !== undefined && !isBlockedKind(found.record.kind);
  try {
    const verdict = await verifier.verify(known, credentials.password, mayRemember);
    if (verdict === 'busy') return { ok: false, reason: 'verifier-busy' };
    if (found === undefined) return { ok: false, reason: 'unknown-user' };
    if (known === undefined) return { ok: false, reason: 'no-secret' };
    if (verdict === 'wrong') return { ok: false, reason: 'wrong-password' };
    return { ok: true, account: found };
  } finally {
    credentials.password.fill(0);
  }
}

function knownSecret(found: FoundAccount | undefined): Parameters<SecretVerifier['verify']>[0] {
  if (found?.credentials === undefined) return undefined;
  return { record: found.record, credentials: found.credentials };
}
