/**
 * Who may use a protocol, once the secret was right. Judged by account records alone, never by
 * the name that was typed, for the account that logs in and for the mailbox it opens.
 */
import type { LoginLookup } from './cache/directory-view.ts';
import { findDelegateAccess, type DelegateAccess } from './delegates.ts';
import type { AccountKind, AccountRecord, Protocol } from './ports.ts';

/** Why not; closed list. Only the log tells `blocked-kind` from a wrong password. */
export type PolicyRefusal = 'blocked-kind' | 'account-disabled' | 'protocol-disabled';

/** Guest, anonymous and administrator accounts never get in over POP3, IMAP or submission. */
export function isBlockedKind(kind: AccountKind): boolean {
  return kind === 'guest' || kind === 'anonymous' || kind === 'administrator';
}

/** Checks one account; a delegate's login checks both the delegate and the mailbox. */
export function findPolicyRefusal(
  account: Pick<AccountRecord, 'kind' | 'isEnabled' | 'protocols' | 'ldap'>,
  protocol: Protocol,
): PolicyRefusal | undefined {
  if (isBlockedKind(account.kind)) return 'blocked-kind';
  if (!account.isEnabled) return 'account-disabled';
  if (account.ldap !== undefined && account.ldap.state !== 'present') return 'account-disabled';
  return account.protocols[protocol] ? undefined : 'protocol-disabled';
}

/**
 * Why somebody does not get into a mailbox that is not his own; closed list, for the log alone:
 * he is told of none of them, not even of a switch of his own account.
 */
export type DelegateRefusal =
  | `delegate-${PolicyRefusal}`
  | 'no-such-mailbox'
  | 'not-a-delegate'
  | `mailbox-${PolicyRefusal}`;

/** What comes of a delegate's login. */
export type DelegateVerdict<Mailbox> =
  | { readonly ok: true; readonly mailbox: Mailbox; readonly access: DelegateAccess }
  | { readonly ok: false; readonly reason: DelegateRefusal };

/**
 * Judges a delegate whose secret was right. What is switched off for either of the two is off:
 * a protocol that a mailbox does not speak it speaks to no delegate either.
 *
 * @param mailbox Undefined if nobody has the name.
 */
export function judgeDelegate<
  Mailbox extends Pick<AccountRecord, 'kind' | 'isEnabled' | 'protocols' | 'delegates' | 'ldap'>,
>(
  delegate: Pick<AccountRecord, 'id' | 'kind' | 'isEnabled' | 'protocols' | 'ldap'>,
  mailbox: Mailbox | undefined,
  protocol: Protocol,
): DelegateVerdict<Mailbox> {
  const own = findPolicyRefusal(delegate, protocol);
  if (own !== undefined) return { ok: false, reason: `delegate-${own}` };
  if (mailbox === undefined) return { ok: false, reason: 'no-such-mailbox' };
  const access = findDelegateAccess(mailbox, delegate.id);
  if (access === undefined) return { ok: false, reason: 'not-a-delegate' };
  const refusal = findPolicyRefusal(mailbox, protocol);
  if (refusal !== undefined) return { ok: false, reason: `mailbox-${refusal}` };
  return { ok: true, mailbox, access };
}

/** Whether somebody whose secret was right gets in, and where; `reason` is a closed list. */
export type Admission =
  | { readonly ok: true; readonly mailbox: AccountRecord; readonly access: DelegateAccess }
  | { readonly ok: false; readonly reason: PolicyRefusal | 'directory-away' }
  | {
      readonly ok: false;
      readonly reason: 'act-as-not-allowed';
      readonly detail: DelegateRefusal;
    };

/**
 * @param account Whose secret it was.
 * @param other What was found under the name of another's mailbox; undefined if none was named.
 */
export function admitLogin(
  account: AccountRecord,
  other: LoginLookup | undefined,
  protocol: Protocol,
): Admission {
  if (other?.kind === 'unavailable') return { ok: false, reason: 'directory-away' };
  const mailbox = other?.kind === 'found' ? other.record.account : undefined;
  // Two names of one account are no delegation.
  if (other === undefined || mailbox?.id === account.id) {
    const reason = findPolicyRefusal(account, protocol);
    if (reason !== undefined) return { ok: false, reason };
    return { ok: true, mailbox: account, access: 'full' };
  }
  const verdict = judgeDelegate(account, mailbox, protocol);
  if (verdict.ok) return verdict;
  return { ok: false, reason: 'act-as-not-allowed', detail: verdict.reason };
}
