/**
 * Whom we let in, once the secret was right, and into which mailbox. The accounts' records decide,
 * never the typed name; a blocked kind, and who may not open another's mailbox, is told nothing
 * that a wrong password would not be told. (A password that was right a moment ago is verified
 * faster, so a delegate who is refused may learn that his own is right; he can log in with it.)
 */
import {
  admitLogin,
  type AccountRecord,
  type Admission as Verdict,
  type LoginLookup,
} from '@homeward/directory';
import type { Fault } from '@homeward/service';
import type { LoginFault } from './login-fault.ts';
import type { MailProtocol } from './ports.ts';

const REASONS: Readonly<Record<Extract<Verdict, { ok: false }>['reason'], Fault>> = {
  'blocked-kind': 'blocked-kind',
  'account-disabled': 'account-disabled',
  'protocol-disabled': 'protocol-not-enabled',
  'act-as-not-allowed': 'act-as-not-allowed',
  'directory-away': 'directory-unavailable',
};

/** Who was let in, and to what. */
export interface Admission extends Extract<Verdict, { readonly ok: true }> {
  /** Whose secret it was; `mailbox` is another's for a delegate. */
  readonly account: AccountRecord;
}

/** @param mailbox What was found under the name of another's mailbox; undefined: none named. */
export function admit(
  account: AccountRecord,
  mailbox: LoginLookup | undefined,
  protocol: MailProtocol,
): Admission | LoginFault {
  const verdict = admitLogin(account, mailbox, protocol);
  if (verdict.ok) return { account, ...verdict };
  const { reason } = verdict;
  const logDetail = reason === 'act-as-not-allowed' ? verdict.detail : account.kind;
  return { ok: false, reason: REASONS[reason], logDetail };
}
