/**
 * Who came in by another secret than LDAP's, though LDAP has his entry: whether he is still there.
 * App passwords, SCRAM keys and issuers' tokens would else outlive the person's leaving.
 */
import type { AccountRecord } from '@homeward/directory';
import type { LoginFault } from './login-fault.ts';
import type { LdapJudge } from './ports.ts';

/** @returns The account as it is now, or that it lets nobody in. */
export async function confirmEntry(
  ldap: Pick<LdapJudge, 'confirm'>,
  account: AccountRecord,
): Promise<{ readonly ok: true; readonly account: AccountRecord } | LoginFault> {
  if (account.ldap?.entryId === undefined) return { ok: true, account };
  const presence = await ldap.confirm(account);
  if (presence.kind === 'present') return { ok: true, account: presence.account };
  return { ok: false, reason: 'account-disabled', logDetail: `LDAP: ${presence.detail}` };
}
