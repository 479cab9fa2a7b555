/**
 * Whether a session that is open would still be let in, by the accounts' records as they are now:
 * the same rules as at its login, asked again.
 */
import {
  findPolicyRefusal,
  judgeDelegate,
  type AccountRecord,
  type LoginRecord,
} from '@homeward/directory';
import type { SessionEndReason } from '@homeward/sasl';
import type { SessionFacts } from '../conversation/live-session.ts';
import type { MailProtocol } from '../conversation/ports.ts';
import type { SessionSecret } from '../conversation/session-secret.ts';

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

function isSecretStillGood(
  secret: SessionSecret,
  { account, credentials, appPasswords }: LoginRecord,
  protocol: MailProtocol,
): boolean {
  switch (secret.kind) {
    case 'password':
      return (
        account.isPasswordLoginOff !== true &&
        account.ldap === undefined &&
        credentials?.setAtMs === secret.setAtMs
      );
    case 'app-password':
      return (
        appPasswords?.all.some(
          ({ id, protocols }) => id === secret.id && protocols.includes(protocol),
        ) ?? false
      );
    // LDAP and foreign homes tell nobody of a new password.
    case 'elsewhere':
      return account.isPasswordLoginOff !== true;
    case 'token':
      return true;
  }
}
