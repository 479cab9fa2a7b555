/**
 * Who may use a protocol, once the secret was right. Judged by account records alone, never by
 * the name that was typed, for the account that logs in and for the mailbox it opens.
 */
import type { AccountKind, AccountRecord, Protocol } from './ports.ts';

/** Why not; closed list. Only the log tells `blocked-kind` from a wrong password. */
export type PolicyRefusal = 'blocked-kind' | 'account-disabled' | 'protocol-disabled';

/** Guest, anonymous and administrator accounts never get in over POP3, IMAP or submission. */
export function isBlockedKind(kind: AccountKind): boolean {
  return kind === 'guest' || kind === 'anonymous' || kind === 'administrator';
}

/** Checks one account; a delegate's login checks both the delegate and the mailbox. */
export function findPolicyRefusal(
  account: Pick<AccountRecord, 'kind' | 'isEnabled' | 'protocols'>,
  protocol: Protocol,
): PolicyRefusal | undefined {
  if (isBlockedKind(account.kind)) return 'blocked-kind';
  if (!account.isEnabled) return 'account-disabled';
  return account.protocols[protocol] ? undefined : 'protocol-disabled';
}
