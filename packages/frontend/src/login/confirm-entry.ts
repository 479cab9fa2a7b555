/**
 * Who came in by another secret than LDAP's, though LDAP has his entry: whether he is still there.
 * App passwords, SCRAM keys and issuers' tokens would else outlive the person's leaving.
 */
import type { AccountRecord } from '@homeward/directory';
import type { LoginFault } from './login-fault.ts';
import type { LdapJudge } from './ports.ts';

/** @returns The account as it is now. */
export async function confirmEntry(
  ldap: Pick<LdapJudge, 'confirm'>,
  account: AccountRecord,
): Promise<{ readonly ok: true; readonly account: AccountRecord } | LoginFault> {
  if (account.ldap?.entryId === undefined) return { ok: true, account };
  const presence = await ldap.confirm(account);
  // Whether he gets in, and what he hears, is the policy's to say, as where he is gone for long.
  if (presence.kind !== 'doubtful') return { ok: true, account: presence.account };
  return { ok: false, reason: 'ldap-unavailable', logDetail: `LDAP: ${presence.detail}` };
}
