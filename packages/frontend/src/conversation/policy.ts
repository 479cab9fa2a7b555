/**
 * Whom we let in, once the secret was right. The account's record decides, never the typed name;
 * a blocked kind is told nothing that a wrong password would not be told.
 */
import { findPolicyRefusal, type AccountRecord, type PolicyRefusal } from '@homeward/directory';
import type { Fault } from '@homeward/service';
import type { LoginFault } from './login-fault.ts';
import type { AccountLookup, MailProtocol } from './ports.ts';

const REASONS: Readonly<Record<PolicyRefusal, Fault>> = {
  'blocked-kind': 'blocked-kind',
  'account-disabled': 'account-disabled',
  'protocol-disabled': 'protocol-not-enabled',
};

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
  const refusal = findPolicyRefusal(record, protocol);
  if (refusal === 'blocked-kind') {
    return { ok: false, reason: 'blocked-kind', logDetail: record.kind };
  }
  // Gap: delegates. Until the directory says who may open whose mailbox, nobody opens another's.
  if (actAs !== undefined && actAs !== '' && !accounts.isNameOf(record, actAs)) {
    return { ok: false, reason: 'act-as-not-allowed' };
  }
  return refusal && { ok: false, reason: REASONS[refusal] };
}
