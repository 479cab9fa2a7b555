/**
 * Whom we let in, once the secret was right. The order matters: a blocked kind is told nothing
 * that a wrong password would not be told, so it comes before everything that has an answer of
 * its own.
 */
import type { AccountKind, AccountRecord } from '@homeward/directory';
import type { LoginFault } from './login-fault.ts';
import type { AccountLookup, MailProtocol } from './ports.ts';

/** Kinds that never get in over a mail protocol, under any alias (Exchange blocks the same). */
const BLOCKED_KINDS: ReadonlySet<AccountKind> = new Set(['guest', 'anonymous', 'administrator']);

export function isBlockedKind(kind: AccountKind): boolean {
  return BLOCKED_KINDS.has(kind);
}

/**
 * @param actAs The identity that the client asked to act as, if another was named (RFC 4616 §2).
 * @returns Nothing when the account may come in.
 */
export function checkPolicy(
  record: AccountRecord,
  protocol: MailProtocol,
  actAs: string | undefined,
  accounts: Pick<AccountLookup, 'isNameOf'>,
): LoginFault | undefined {
  if (isBlockedKind(record.kind)) {
    return { ok: false, reason: 'blocked-kind', logDetail: record.kind };
  }
  // Gap: delegates. Until the directory says who may open whose mailbox, nobody opens another's.
  if (actAs !== undefined && actAs !== '' && !accounts.isNameOf(record, actAs)) {
    return { ok: false, reason: 'act-as-not-allowed' };
  }
  if (!record.isEnabled) return { ok: false, reason: 'account-disabled' };
  if (!record.protocols[protocol]) return { ok: false, reason: 'protocol-not-enabled' };
  return undefined;
}
