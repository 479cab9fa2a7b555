/**
 * Who judges a secret: the directory, or LDAP for the accounts that it owns. The secret is
 * forgotten as `verifySecret` does it. A secret that is wrong costs the verification that an
 * unknown name costs, so that the time tells little.
 * Gap: one round trip to the LDAP server remains between the two.
 */
import type { HashTurn, LoginRecord } from '@homeward/directory';
import { confirmEntry } from '@homeward/ldap';
import { VERIFIER_BUSY } from '@homeward/login-guards';
import type { Credentials } from '@homeward/sasl';
import { enterByAppPassword } from './app-password-login.ts';
import type { LoginFault } from './login-fault.ts';
import type { PersonalCredentials } from './look-up.ts';
import type { LoginPorts } from './login-ports.ts';
import type { MailProtocol } from './ports.ts';
import { type SecretTurn, type VerifiedLogin, verifySecret } from './verify-secret.ts';

type Judges = Pick<LoginPorts, 'ldap' | 'verifier'>;

/** Verifies whatever secret it is, by whoever is to judge it. See `verifySecret`. */
export async function judgeSecret(
  judges: Judges,
  login: LoginRecord | undefined,
  credentials: PersonalCredentials,
  protocol: MailProtocol,
  turn: SecretTurn,
): Promise<VerifiedLogin | LoginFault> {
  const entered = enterByAppPassword(judges.verifier, login, credentials, protocol);
  if (entered !== undefined) return confirm(judges.ldap, entered);
  const isByLdap = login?.account.ldap !== undefined && login.account.isPasswordLoginOff !== true;
  if (isByLdap && credentials.kind === 'password') {
    return judgeByLdap(judges, login, credentials, turn);
  }
  const verified = await verifySecret(judges.verifier, login, credentials, protocol, turn);
  return verified.ok ? confirm(judges.ldap, verified) : verified;
}

/** The secret was right: is its person still there? */
async function confirm(
  ldap: Judges['ldap'],
  verified: VerifiedLogin,
): Promise<VerifiedLogin | LoginFault> {
  const confirmed = await confirmEntry(verified.login.account, ldap);
  if (!confirmed.ok) return { ok: false, reason: confirmed.reason, logDetail: confirmed.detail };
  return { ...verified, login: { ...verified.login, account: confirmed.account } };
}

/** Whether this very password was right minutes ago: then it costs nothing. */
export function isRemembered(
  { ldap, verifier }: Judges,
  { password }: Extract<PersonalCredentials, { kind: 'password' }>,
  login: LoginRecord,
): boolean {
  if (login.account.isPasswordLoginOff === true) return false;
  const judge = login.account.ldap === undefined ? verifier : ldap;
  return judge.isRemembered(login, password);
}

/**
 * @returns The account as it is after this login: one that comes from LDAP is in the directory now,
 *   and as its entry says. `credentials.password` is overwritten before the promise settles.
 */
async function judgeByLdap(
  { ldap, verifier }: Judges,
  login: LoginRecord,
  { password }: Extract<Credentials, { kind: 'password' }>,
  turn: HashTurn,
): Promise<VerifiedLogin | LoginFault> {
  try {
    const outcome = await ldap.authenticate(login, password);
    switch (outcome.kind) {
      case 'match':
        return {
          ok: true,
          login: { ...login, account: outcome.account },
          serverSignature: undefined,
          secret: { kind: 'elsewhere' },
        };
      case 'unavailable':
        return { ok: false, reason: 'ldap-unavailable', logDetail: outcome.detail };
      case 'refused':
        return { ok: false, reason: 'ldap-account-refused', logDetail: outcome.detail };
      case 'mismatch': {
        const verdict = await verifier.verifyPassword(undefined, password, turn);
        if (verdict === 'busy') return VERIFIER_BUSY;
        return { ok: false, reason: 'wrong-password', logDetail: `LDAP: ${outcome.detail}` };
      }
    }
  } finally {
    password.fill(0);
  }
}
