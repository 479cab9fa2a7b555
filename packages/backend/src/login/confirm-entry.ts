/**
 * Who came in by another secret than LDAP's, though LDAP has his entry: whether he is still there.
 * App passwords, SCRAM keys and issuers' tokens would else outlive the person's leaving.
 */
import type { AccountRecord } from '@homeward/directory';
import type { DirectLoginParts } from './direct-parts.ts';
import type { LoginRefused } from './login.ts';

/** @returns The account as it is now, or that it lets nobody in. */
export async function confirmEntry(
  account: AccountRecord,
  ldap: Pick<DirectLoginParts['ldap'], 'confirm'>,
): Promise<{ readonly ok: true; readonly account: AccountRecord } | LoginRefused> {
  if (account.ldap?.entryId === undefined) return { ok: true, account };
  const presence = await ldap.confirm(account);
  if (presence.kind === 'present') return { ok: true, account: presence.account };
  return { ok: false, reason: 'account-disabled', detail: `LDAP: ${presence.detail}` };
}
