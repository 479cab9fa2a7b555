/**
 * The client access rules' part in a person's login at a back end. What they say of the connection
 * alone is told as what it is, before anybody is looked up; what depends on the account is told as
 * a wrong password is, at the cost of one.
 */
import type { AccountRecord } from '@homeward/directory';
import type { AccessFacts, AccessVerdict, ClientAccess } from '@homeward/login-guards';
import type { LoginRefused } from './login.ts';
import type { LoginAttempt } from './ports.ts';

/** Before the look-up. @returns `undecided`: the account has to be known for that. */
export function checkConnection(
  access: ClientAccess,
  attempt: LoginAttempt,
): 'allowed' | 'undecided' | LoginRefused {
  const verdict = access.judge(factsOf(attempt, undefined));
  if (verdict.kind === 'deny') {
    return { ok: false, reason: 'access-denied', detail: nameOf(verdict) };
  }
  return verdict.kind === 'undecided' ? 'undecided' : 'allowed';
}

/**
 * After the look-up, where `checkConnection` could not decide.
 *
 * @param account Whom the name means; undefined when nobody has it.
 * @param mailbox What is to be opened, where it is known.
 */
export function checkAccount(
  access: ClientAccess,
  attempt: LoginAttempt,
  account: AccountRecord | undefined,
  mailbox: AccountRecord | undefined,
): LoginRefused | undefined {
  const typed = attempt.credentials.loginName ?? '';
  const names = account === undefined ? [typed] : [account.address, ...account.names];
  const site = account && (mailbox ?? account).home;
  const verdict = access.judge(factsOf(attempt, { names, site }));
  if (verdict.kind !== 'deny') return undefined;
  return { ok: false, reason: 'access-rule', detail: nameOf(verdict) };
}

function factsOf(
  { protocol, method, connection }: LoginAttempt,
  account: AccessFacts['account'],
): AccessFacts {
  const { remoteAddress: address, isEncrypted: hasTls } = connection;
  return { protocol, address, mechanism: method, hasTls, account };
}

function nameOf({ rule }: Extract<AccessVerdict, { readonly kind: 'allow' | 'deny' }>): string {
  return rule === undefined ? 'throttle.denyNetworks' : `rule ${rule.position}, ${rule.name}`;
}
