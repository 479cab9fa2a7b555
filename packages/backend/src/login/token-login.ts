/**
 * A person's login at a back end by an issuer's token: the token says who logs in, and a name
 * beside it may only say the same, or whose mailbox that person wants.
 */
import { confirmEntry } from '@homeward/ldap';
import type { Credentials } from '@homeward/sasl';
import { admitPerson } from './admit-person.ts';
import { checkAccount } from './check-access.ts';
import type { DirectLoginParts } from './direct-parts.ts';
import { findPeople } from './find-people.ts';
import type { LoginDecision, LoginRefused } from './login.ts';
import type { LoginAttempt } from './ports.ts';

/** Of a name that may be anybody's invention, in the log. */
const ISSUER_LIMIT = 200;

/** @returns Who is let in; his session's secret says until when. */
export async function judgeToken(
  attempt: LoginAttempt,
  { token, loginName }: Extract<Credentials, { readonly kind: 'bearer' }>,
  isUndecided: boolean,
  conversationId: string,
  parts: DirectLoginParts,
): Promise<LoginDecision> {
  const verdict = await parts.tokens.judge(token);
  if (!verdict.ok) return refuseToken(verdict);
  const { name, expiresAtMs } = verdict;
  const holder = await findPeople({ loginName: name }, parts);
  if (!holder.ok) return holder;
  const asked = loginName === undefined ? holder : await findPeople({ loginName }, parts);
  if (!asked.ok) return asked;
  const account = holder.person?.account;
  if (account?.id !== asked.person?.account.id) {
    return { ok: false, reason: 'token-refused', detail: 'another-account' };
  }
  if (account === undefined) return { ok: false, reason: 'unknown-account', detail: 'token' };
  const mailbox = asked.other?.kind === 'found' ? asked.other.record.account : undefined;
  const rule = isUndecided ? checkAccount(parts.access, attempt, account, mailbox) : undefined;
  if (rule !== undefined) return rule;
  const confirmed = await confirmEntry(account, parts.ldap);
  if (!confirmed.ok) return confirmed;
  const secret = { kind: 'token', expiresAtMs } as const;
  const { other } = asked;
  const proved = { account: confirmed.account, other, loginName: loginName ?? name, secret };
  return admitPerson(attempt, proved, conversationId, parts);
}

function refuseToken({
  reason,
  issuer,
}: {
  readonly reason: string;
  readonly issuer: string | undefined;
}): LoginRefused {
  const detail = issuer === undefined ? reason : `${reason}, ${issuer.slice(0, ISSUER_LIMIT)}`;
  const isOurs = reason === 'issuer-unavailable';
  return { ok: false, reason: isOurs ? 'token-issuer-unavailable' : 'token-refused', detail };
}
