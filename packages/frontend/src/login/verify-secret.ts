/**
 * Checks the client's secret, and forgets it: from here on nothing in the conversation knows
 * it, and the home never does.
 *
 * Whoever measures must learn nothing: an unknown user, an account without a password, a wrong
 * password and a blocked kind (with its right password, too) each cost one full verification.
 */
import {
  type HashTurn,
  isBlockedKind,
  type LoginRecord,
  type SessionSecret,
} from '@homeward/directory';
import { VERIFIER_BUSY } from '@homeward/login-guards';
import type { Credentials } from '@homeward/sasl';
import type { LoginFault } from './login-fault.ts';
import type { PersonalCredentials } from './look-up.ts';
import type { MailProtocol, SecretVerifier } from './ports.ts';

/** How a secret is verified. */
export interface SecretTurn extends HashTurn {
  /** The directory's password was found right at the gate: it is not looked at twice. */
  readonly isRight?: boolean;
}

/** A secret that was right. */
export interface VerifiedLogin {
  readonly ok: true;
  readonly login: LoginRecord;
  /** What the client wants to see before it believes that it is let in (SCRAM). */
  readonly serverSignature: Uint8Array | undefined;
  readonly secret: SessionSecret;
}

/**
 * @param login What the look-up found; undefined is verified against nothing, at equal cost.
 * @returns The account when the secret is its own. `credentials.password` is overwritten
 *   before the promise settles, whatever comes of it.
 */
export async function verifySecret(
  verifier: SecretVerifier,
  login: LoginRecord | undefined,
  credentials: PersonalCredentials,
  protocol: MailProtocol,
  turn: SecretTurn,
): Promise<VerifiedLogin | LoginFault> {
  if (credentials.kind === 'scram') return verifyProof(verifier, login, credentials, protocol);
  try {
    const isOff = login?.account.isPasswordLoginOff === true;
    const verdict =
      turn.isRight === true && !isOff
        ? 'match'
        : await verifier.verifyPassword(isOff ? undefined : login, credentials.password, turn);
    if (verdict === 'busy') return VERIFIER_BUSY;
    if (login === undefined) return { ok: false, reason: 'unknown-user' };
    if (isOff) return { ok: false, reason: 'no-secret', logDetail: 'app passwords only' };
    if (login.credentials === undefined) return { ok: false, reason: 'no-secret' };
    if (verdict === 'mismatch') return { ok: false, reason: 'wrong-password' };
    const { setAtMs } = login.credentials;
    const secret = { kind: 'password', setAtMs } as const;
    return { ok: true, login, serverSignature: undefined, secret };
  } finally {
    credentials.password.fill(0);
  }
}

function verifyProof(
  verifier: SecretVerifier,
  login: LoginRecord | undefined,
  credentials: Extract<Credentials, { kind: 'scram' }>,
  protocol: MailProtocol,
): VerifiedLogin | LoginFault {
  const { bindingFault } = credentials;
  if (bindingFault !== undefined) {
    return { ok: false, reason: 'channel-binding-failed', logDetail: bindingFault };
  }
  const verdict = verifier.verifyScram(login, credentials, protocol);
  if (login === undefined) return { ok: false, reason: 'unknown-user' };
  // Its keys are not shown, so nobody can know whether the password was right.
  if (isBlockedKind(login.account.kind)) return { ok: false, reason: 'blocked-kind' };
  if (verdict.outcome === 'mismatch') {
    const hasSecret = login.credentials !== undefined || login.appPasswords !== undefined;
    return { ok: false, reason: hasSecret ? 'wrong-password' : 'no-secret' };
  }
  const { serverSignature, appPasswordId } = verdict;
  if (appPasswordId !== undefined) {
    verifier.noteAppPasswordUse(login.account.id, appPasswordId);
    const secret = { kind: 'app-password', id: appPasswordId } as const;
    return { ok: true, login, serverSignature, secret };
  }
  const setAtMs = login.credentials?.setAtMs ?? 0;
  return { ok: true, login, serverSignature, secret: { kind: 'password', setAtMs } };
}
