/**
 * A login by an issuer's token: the token says who logs in, and a name beside it may only say the
 * same, or whose mailbox that person wants.
 */
import type { LoginRecord } from '@homeward/directory';
import { confirmEntry } from '@homeward/ldap';
import type { Credentials } from '@homeward/sasl';
import type { Entry } from './login-entry.ts';
import type { LoginFault } from './login-fault.ts';
import { lookUpAccounts, type LookedUp } from './look-up.ts';
import { admit } from './policy.ts';
import type { LoginPorts } from './login-ports.ts';
import type { MailProtocol } from './ports.ts';

type BearerCredentials = Extract<Credentials, { kind: 'bearer' }>;

/** @returns Who is let in, and until when the token lets him. */
export async function enterByToken(
  protocol: MailProtocol,
  { token, loginName }: BearerCredentials,
  { accounts, tokens, ldap }: Pick<LoginPorts, 'accounts' | 'tokens' | 'ldap'>,
): Promise<Entry | LoginFault> {
  const verdict = await tokens.judge(token);
  if (!verdict.ok) return toFault(verdict);
  const { name, expiresAtMs } = verdict;
  const holder = await lookUpAccounts(accounts, { loginName: name, actAs: undefined });
  if (!holder.ok) return holder;
  const asked = await lookUpAsked(accounts, loginName, holder);
  if (!asked.ok) return asked;
  const login = sameAccount(holder.login, asked.login);
  if (login === undefined) {
    const isNobody = holder.login === undefined && asked.login === undefined;
    const reason = isNobody ? 'unknown-user' : 'token-refused';
    return { ok: false, reason, logDetail: isNobody ? 'token' : 'another-account' };
  }
  const confirmed = await confirmEntry(login.account, ldap);
  if (!confirmed.ok) return { ok: false, reason: confirmed.reason, logDetail: confirmed.detail };
  const admission = admit(confirmed.account, await asked.mailbox, protocol);
  if (!admission.ok) return admission;
  return {
    ok: true,
    admission,
    lookedUp: asked,
    loginName: loginName ?? name,
    serverSignature: undefined,
    secret: { kind: 'token', expiresAtMs },
    kept: undefined,
  };
}

function toFault(verdict: {
  readonly reason: string;
  readonly issuer: string | undefined;
}): LoginFault {
  const { reason, issuer } = verdict;
  const isOurs = reason === 'issuer-unavailable';
  const logDetail = issuer === undefined ? reason : `${reason}, ${issuer.slice(0, ISSUER_LIMIT)}`;
  return { ok: false, reason: isOurs ? 'token-issuer-unavailable' : 'token-refused', logDetail };
}

/** Of a name that may be anybody's invention, in the log. */
const ISSUER_LIMIT = 200;

async function lookUpAsked(
  accounts: LoginPorts['accounts'],
  loginName: string | undefined,
  holder: LookedUp,
): Promise<LookedUp | LoginFault> {
  if (loginName === undefined) return holder;
  return lookUpAccounts(accounts, { loginName, actAs: undefined });
}

function sameAccount(
  holder: LoginRecord | undefined,
  asked: LoginRecord | undefined,
): LoginRecord | undefined {
  return holder?.account.id === asked?.account.id ? holder : undefined;
}
