/**
 * A login by one of the account's app passwords, tried before anything slow: what is none costs a
 * hash of 25 letters at most, and goes on to whoever judges the account's own password.
 */
import type { LoginRecord } from '@homeward/directory';
import type { PersonalCredentials } from './look-up.ts';
import type { MailProtocol, SecretVerifier } from './ports.ts';
import type { VerifiedLogin } from './verify-secret.ts';

/** @returns Nothing if it is none; else the password that was typed is overwritten. */
export function enterByAppPassword(
  verifier: Pick<SecretVerifier, 'findAppPassword' | 'noteAppPasswordUse'>,
  login: LoginRecord | undefined,
  credentials: PersonalCredentials,
  protocol: MailProtocol,
): VerifiedLogin | undefined {
  if (login === undefined || credentials.kind !== 'password') return undefined;
  const found = verifier.findAppPassword(login, credentials.password, protocol);
  if (found === undefined) return undefined;
  credentials.password.fill(0);
  const { id } = found;
  verifier.noteAppPasswordUse(login.account.id, id);
  return { ok: true, login, serverSignature: undefined, secret: { kind: 'app-password', id } };
}
