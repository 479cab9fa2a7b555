/**
 * Who came in by another secret than LDAP's, though LDAP has his entry: whether he is still there.
 * App passwords, SCRAM keys and issuers' tokens would else outlive the person's leaving.
 */
import type { AccountRecord } from '@homeward/directory';
import type { DirectLoginParts } from './direct-parts.ts';
import type { LoginRefused } from './login.ts';

/** @returns The account as it is now. */
export async function confirmEntry(
  account: AccountRecord,
  ldap: Pick<DirectLoginParts['ldap'], 'confirm'>,
): Promise<{ readonly ok: true; readonly account: AccountRecord } | LoginRefused> {
  if (account.ldap?.entryId === undefined) return { ok: true, account };
  const presence = await ldap.confirm(account);
  // Whether he gets in, and what he hears, is the policy's to say, as where he is gone for long.
  if (presence.kind !== 'doubtful') return { ok: true, account: presence.account };
  return { ok: false, reason: 'ldap-unavailable', detail: `LDAP: ${presence.detail}` };
}
