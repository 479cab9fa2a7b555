/**
 * The client access rules' part in a login. What they say of the connection alone (protocol,
 * network, mechanism, TLS) is told as what it is, before anybody is looked up. What depends on the
 * account is told as a wrong password is, at the cost of one, so that nobody learns from it who
 * has an account, or whether a password was right.
 */
import type { AccountRecord } from '@homeward/directory';
import type { AccessFacts, ClientAccess } from '@homeward/login-guards';
import type { LoginFault } from './login-fault.ts';
import type { LoginAttempt } from './login-attempt.ts';
import type { LookedUp } from './look-up.ts';

/** A login that may go on; `isUndecided`: the account has to be known for that. */
export interface AccessGranted {
  readonly ok: true;
  readonly isUndecided: boolean;
}

/** Before the look-up. */
export function checkConnection(
  access: ClientAccess,
  attempt: LoginAttempt,
): AccessGranted | LoginFault {
  const verdict = access.judge(factsOf(attempt, undefined));
  if (verdict.kind !== 'deny') return { ok: true, isUndecided: verdict.kind === 'undecided' };
  return { ok: false, reason: 'access-denied', logDetail: nameOf(verdict.rule) };
}

/**
 * After the look-up, where the account matters.
 *
 * @param account Whom the name means; undefined when nobody has it.
 * @param home Where the mailbox is that is to be opened.
 * @returns Why not; to be told when a secret was paid for.
 */
export function checkAccount(
  access: ClientAccess,
  { isUndecided }: AccessGranted,
  attempt: LoginAttempt,
  account: AccountRecord | undefined,
  home: string | undefined,
): LoginFault | undefined {
  if (!isUndecided) return undefined;
  const typed = attempt.credentials.loginName ?? '';
  const names = account === undefined ? [typed] : [account.address, ...account.names];
  const verdict = access.judge(factsOf(attempt, { names, site: account && home }));
  if (verdict.kind !== 'deny') return undefined;
  return { ok: false, reason: 'access-rule', logDetail: nameOf(verdict.rule) };
}

/** The home of another's mailbox, for a delegate; else one's own. */
export async function findHome({ login, mailbox }: LookedUp): Promise<string | undefined> {
  const other = await mailbox;
  return other?.kind === 'found' ? other.record.account.home : login?.account.home;
}

function factsOf(
  { protocol, client, tls, method }: LoginAttempt,
  account: AccessFacts['account'],
): AccessFacts {
  const { address } = client;
  return { protocol, address, mechanism: method, hasTls: tls !== undefined, account };
}

function nameOf(rule: { readonly name: string; readonly position: number } | undefined): string {
  return rule === undefined ? 'throttle.denyNetworks' : `rule ${rule.position}, ${rule.name}`;
}
