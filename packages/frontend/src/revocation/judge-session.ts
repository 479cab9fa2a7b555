/**
 * Whether a session that is open would still be let in, by the accounts' records as they are now:
 * the same rules as at its login, asked again.
 */
import {
  findPolicyRefusal,
  isSecretStillGood,
  judgeDelegate,
  type AccountRecord,
  type LoginRecord,
} from '@homeward/directory';
import type { SessionEndReason } from '@homeward/sasl';
import type { SessionFacts } from '../conversation/live-session.ts';
import type { MailProtocol } from '../login/ports.ts';

/** Who has a part in a session, as the directory has them now; undefined: deleted. */
export interface PresentAccounts {
  /** Whose secret it was. */
  readonly holder: LoginRecord | undefined;
  /** Whose mailbox it is; for most the same account. */
  readonly mailbox: AccountRecord | undefined;
}

/** @returns Why it has to end; undefined: it may stay. */
export function judgeSession(
  { delegateId, access, site, secret }: SessionFacts,
  protocol: MailProtocol,
  { holder, mailbox }: PresentAccounts,
): SessionEndReason | undefined {
  if (holder === undefined || mailbox === undefined) return 'account-disabled';
  if (!isSecretStillGood(secret, holder, protocol)) return 'credentials-changed';
  if (delegateId === undefined) {
    if (findPolicyRefusal(mailbox, protocol) !== undefined) return 'account-disabled';
  } else {
    const verdict = judgeDelegate(holder.account, mailbox, protocol);
    if (!verdict.ok) return 'account-disabled';
    if (verdict.access !== access) return 'account-changed';
  }
  return mailbox.home === site ? undefined : 'account-changed';
}
