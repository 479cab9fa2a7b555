/** What addresses of mail need of the directory, and whom a name leads to. */
import type { DirectoryView } from '../cache/directory-view.ts';
import { isBlockedKind } from '../login-policy.ts';
import type { AccountRecord, GroupRecord } from '../ports.ts';

/** A pushed view: a name that is in use costs no round trip. */
export type MailDirectory = Pick<DirectoryView, 'findHolder' | 'findAccount' | 'findGroup'>;

/** Who has a name. */
export type NamedRecord =
  | { readonly kind: 'account'; readonly account: AccountRecord }
  | { readonly kind: 'group'; readonly group: GroupRecord }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'unavailable' };

/** @param name In normal form. */
export async function findNamedRecord(
  directory: MailDirectory,
  name: string,
): Promise<NamedRecord> {
  const found = await directory.findHolder(name);
  if (found.kind !== 'found') return found;
  const { holder } = found;
  if (holder.kind === 'account') {
    const outcome = await directory.findAccount(holder.id);
    if (outcome.kind !== 'found') return outcome;
    // It may have lost the name since.
    return outcome.account.names.includes(name)
      ? { kind: 'account', account: outcome.account }
      : { kind: 'unknown' };
  }
  const outcome = await directory.findGroup(holder.id);
  if (outcome.kind !== 'found') return outcome;
  return outcome.group.names.includes(name)
    ? { kind: 'group', group: outcome.group }
    : { kind: 'unknown' };
}

/** Why an account gets no mail; closed list. */
export type MailRefusal = 'blocked-kind' | 'account-disabled';

/**
 * Whether mail may be put into an account's mailbox. Kinds that nobody can open get none. A disabled
 * account gets none either: its mailbox may just be restored or moved, so whoever delivers tries
 * again later.
 */
export function findMailRefusal(
  account: Pick<AccountRecord, 'kind' | 'isEnabled' | 'ldap'>,
): MailRefusal | undefined {
  if (isBlockedKind(account.kind)) return 'blocked-kind';
  if (!account.isEnabled) return 'account-disabled';
  const { ldap } = account;
  return ldap !== undefined && ldap.state !== 'present' ? 'account-disabled' : undefined;
}
