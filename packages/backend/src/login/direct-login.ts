/**
 * A person's own login at a back end, where the setting `directLogin` allows it: for tests,
 * measurements and one-host installations. The same rules as at a front end: guest, anonymous
 * and administrator never get in, delegates only where the mailbox's record says so, and nobody
 * learns why.
 */
import { admitLogin, readLoginIdentities, type SiteName } from '@homeward/directory';
import type { Credentials } from '@homeward/sasl';
import type { LoginDecision } from './login.ts';
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
  const { directory } = parts;
  const identities = readLoginIdentities(credentials.loginName, credentials.actAs);
  const [found, other] = await Promise.all([
    identities.kind === 'invalid' ? nobody : directory.lookUpLogin(identities.name),
    identities.kind === 'delegate' ? directory.lookUpLogin(identities.mailbox) : undefined,
  ]);
  if (found.kind === 'unavailable') return { ok: false, reason: 'directory-away' };
  const record = found.kind === 'found' ? found.record : undefined;
  const verdict = await parts.judgePassword(record, credentials.password);
  if (verdict === 'busy') return { ok: false, reason: 'too-busy' };
  if (record === undefined) return { ok: false, reason: 'unknown-account' };
  if (verdict === 'mismatch') return { ok: false, reason: 'wrong-password' };
  const admission = admitLogin(record.account, other, attempt.protocol);
  if (!admission.ok) return admission;
  const { mailbox, access } = admission;
  if (mailbox.home !== parts.site) return { ok: false, reason: 'account-elsewhere' };
  return {
    ok: true,
    login: {
      accountId: mailbox.id,
      delegateId: mailbox.id === record.account.id ? undefined : record.account.id,
      access,
      quota: { bytes: mailbox.quotaBytes, messages: mailbox.quotaMessages },
      isOperator: false,
      epoch: mailbox.epoch,
      protocol: attempt.protocol,
      method: attempt.method,
      conversationId: parts.makeConversationId(),
      loginName: credentials.loginName,
      clientAddress: attempt.connection.remoteAddress,
      clientPort: attempt.connection.remotePort,
    },
  };
}

const nobody = { kind: 'unknown' } as const;
