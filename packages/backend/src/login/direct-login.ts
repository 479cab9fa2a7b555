/**
 * A person's own login at a back end, where the setting `directLogin` allows it: for tests,
 * measurements and one-host installations. The same rules as at a front end: guest, anonymous
 * and administrator never get in, delegates only where the mailbox's record says so, and nobody
 * learns why.
 */
import {
  type AccountId,
  admitLogin,
  findAppPassword,
  type LoginRecord,
  type Protocol,
  readLoginIdentities,
  type ScramJudge,
  type SessionSecret,
  type SiteName,
} from '@homeward/directory';
import type { Credentials, ScramParameters } from '@homeward/sasl';
import type { LoginDecision, LoginRefusalReason } from './login.ts';
import type { LoginAttempt, PasswordJudge, ProofJudge, WorkerDirectory } from './ports.ts';

type PersonalCredentials = Exclude<Credentials, { readonly kind: 'bearer' }>;

/** What direct logins need. */
export interface DirectLoginParts {
  readonly site: SiteName;
  readonly directory: WorkerDirectory;
  readonly judgePassword: PasswordJudge;
  readonly judgeProof: ProofJudge;
  readonly scram: Pick<ScramJudge, 'findParameters'>;
  readonly noteAppPasswordUse: (id: AccountId, appPasswordId: string) => void;
  readonly makeConversationId: () => string;
}

/** Checks name and secret of an attempt; takes the same time for every bad one. */
export async function judgePerson(
  attempt: LoginAttempt,
  credentials: PersonalCredentials,
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
  const verdict = await judgeSecret(record, credentials, attempt.protocol, parts);
  if (verdict.outcome === 'refused') return { ok: false, ...verdict.why };
  if (record === undefined) return { ok: false, reason: 'unknown-account' };
  if (verdict.outcome === 'mismatch') return { ok: false, reason: 'wrong-password' };
  if (verdict.appPasswordId !== undefined) {
    parts.noteAppPasswordUse(record.account.id, verdict.appPasswordId);
  }
  const admission = admitLogin(record.account, other, attempt.protocol);
  if (!admission.ok) return admission;
  const { mailbox, access } = admission;
  if (mailbox.home !== parts.site) return { ok: false, reason: 'account-elsewhere' };
  return {
    ok: true,
    serverSignature: verdict.serverSignature,
    login: {
      accountId: mailbox.id,
      delegateId: mailbox.id === record.account.id ? undefined : record.account.id,
      access,
      quota: { bytes: mailbox.quotaBytes, messages: mailbox.quotaMessages },
      secret: secretOf(record, verdict.appPasswordId),
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

function secretOf({ credentials }: LoginRecord, appPasswordId: string | undefined): SessionSecret {
  if (appPasswordId !== undefined) return { kind: 'app-password', id: appPasswordId };
  return { kind: 'password', setAtMs: credentials?.setAtMs ?? 0 };
}

type SecretVerdict =
  | {
      readonly outcome: 'match';
      readonly serverSignature?: Uint8Array;
      readonly appPasswordId?: string | undefined;
    }
  | { readonly outcome: 'mismatch' }
  | {
      readonly outcome: 'refused';
      readonly why: { readonly reason: LoginRefusalReason; readonly detail?: string };
    };

async function judgeSecret(
  record: LoginRecord | undefined,
  credentials: PersonalCredentials,
  protocol: Protocol,
  parts: DirectLoginParts,
): Promise<SecretVerdict> {
  if (credentials.kind === 'scram') {
    const { bindingFault: detail } = credentials;
    if (detail === undefined) return parts.judgeProof(record, credentials, protocol);
    return { outcome: 'refused', why: { reason: 'channel-binding-failed', detail } };
  }
  const { password } = credentials;
  const app = findAppPassword(record, password, protocol);
  if (app !== undefined) return { outcome: 'match', appPasswordId: app.id };
  const isOff = record?.account.isPasswordLoginOff === true;
  const outcome = await parts.judgePassword(isOff ? undefined : record, password);
  return outcome === 'busy' ? { outcome: 'refused', why: { reason: 'too-busy' } } : { outcome };
}

/** SCRAM's question before the login; answered alike for names that nobody has. */
export async function findScramParameters(
  { loginName, actAs }: { readonly loginName: string; readonly actAs: string | undefined },
  { directory, scram }: Pick<DirectLoginParts, 'directory' | 'scram'>,
): Promise<ScramParameters | LoginRefusalReason> {
  const identities = readLoginIdentities(loginName, actAs);
  const isName = identities.kind !== 'invalid';
  const found = isName ? await directory.lookUpLogin(identities.name) : nobody;
  if (found.kind === 'unavailable') return 'directory-away';
  const record = found.kind === 'found' ? found.record : undefined;
  const name = isName ? identities.name : loginName;
  const parameters = await scram.findParameters(record, name);
  return parameters === 'unavailable' ? 'directory-away' : parameters;
}

const nobody = { kind: 'unknown' } as const;
