/**
 * Who came in by another secret than LDAP's, though LDAP has his entry: whether he is still there.
 * App passwords, SCRAM keys and issuers' tokens would else outlive the person's leaving.
 */
import type { AccountRecord } from '@homeward/directory';
import type { LdapAccounts } from './ldap-accounts.ts';

/** What a login by another secret has to heed. */
export type ConfirmedEntry =
  /** The account as it is now. */
  | { readonly ok: true; readonly account: AccountRecord }
  | {
      readonly ok: false;
      readonly reason: 'ldap-unavailable';
      /** For the log. */
      readonly detail: string;
    };

/** Asks only where the account has an entry. Never rejects. */
export async function confirmEntry(
  account: AccountRecord,
  ldap: Pick<LdapAccounts, 'confirm'>,
): Promise<ConfirmedEntry> {
  if (account.ldap?.entryId === undefined) return { ok: true, account };
  const presence = await ldap.confirm(account);
  // Whether he gets in, and what he hears, is the policy's to say, as where he is gone for long.
  if (presence.kind !== 'doubtful') return { ok: true, account: presence.account };
  return { ok: false, reason: 'ldap-unavailable', detail: `LDAP: ${presence.detail}` };
}
