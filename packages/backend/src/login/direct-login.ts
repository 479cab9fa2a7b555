/**
 * A person's own login at a back end, where the setting `directLogin` allows it: for tests,
 * measurements and one-host installations. The same rules as at a front end: guest, anonymous
 * and administrator never get in, and nobody learns why.
 */
import { findPolicyRefusal, normaliseLoginName } from '@homeward/directory';
import type { AccountRecord, SiteName } from '@homeward/directory';
import type { Credentials } from '@homeward/sasl';
import type { LoginDecision, LoginRefusalReason } from './login.ts';
import type { LoginAttempt, PasswordJudge, WorkerDirectory } from './ports.ts';

type PasswordCredentials = Extract<Credentials, { readonly kind: 'password' }>;

/** What direct logins need. */
export interface DirectLoginParts {
  readonly site: SiteName;
  readonly directory: WorkerDirectory;
  readonly judgePassword: PasswordJudge;
  readonly makeConversationId: () => string;
}

/** Checks name and password of an attempt; takes the same time for every bad one. */
export async function judgePassword(
  attempt: LoginAttempt,
  credentials: PasswordCredentials,
  parts: DirectLoginParts,
): Promise<LoginDecision> {
  const name = normaliseLoginName(credentials.loginName);
  const found =
    name === undefined ? ({ kind: 'unknown' } as const) : await parts.directory.lookUpLogin(name);
  if (found.kind === 'unavailable') return { ok: false, reason: 'directory-away' };
  const record = found.kind === 'found' ? found.record : undefined;
  const verdict = await parts.judgePassword(record, credentials.password);
  if (verdict === 'busy') return { ok: false, reason: 'too-busy' };
  const account = record?.account;
  const reason = refuse(account, verdict === 'match', credentials, attempt, parts.site);
  if (reason !== undefined || account === undefined) {
    return { ok: false, reason: reason ?? 'unknown-account' };
  }
  return {
    ok: true,
    login: {
      accountId: account.id,
      epoch: account.epoch,
      protocol: attempt.protocol,
      method: attempt.method,
      conversationId: parts.makeConversationId(),
      loginName: credentials.loginName,
      clientAddress: attempt.connection.remoteAddress,
      clientPort: attempt.connection.remotePort,
    },
  };
}

function refuse(
  account: AccountRecord | undefined,
  isRightPassword: boolean,
  { actAs, loginName }: PasswordCredentials,
  { protocol }: LoginAttempt,
  site: SiteName,
): LoginRefusalReason | undefined {
  if (account === undefined) return 'unknown-account';
  if (!isRightPassword) return 'wrong-password';
  // Acting for another is the front end's to decide.
  if (actAs !== undefined && actAs !== '' && actAs !== loginName) return 'blocked-kind';
  const refusal = findPolicyRefusal(account, protocol);
  if (refusal !== undefined) return refusal;
  return account.home === site ? undefined : 'account-elsewhere';
}
