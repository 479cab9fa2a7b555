/**
 * Whether a person's secret is right: by his app passwords, by LDAP where that judges him, by the
 * directory's password or SCRAM keys. Whoever measures must learn nothing, so what is wrong costs
 * the verification that an unknown name costs; of LDAP one round trip remains between the two.
 */
import {
  type AccountRecord,
  findAppPassword,
  type HashTurn,
  isBlockedKind,
  type LoginRecord,
  type Protocol,
  type SessionSecret,
} from '@homeward/directory';
import { confirmEntry } from '@homeward/ldap';
import type { Credentials } from '@homeward/sasl';
import type { DirectLoginParts } from './direct-parts.ts';
import type { LoginRefused } from './login.ts';

/** Those that name who logs in; a token says that by itself. */
export type PersonalCredentials = Exclude<Credentials, { readonly kind: 'bearer' }>;

/** A secret that was right. */
export interface VerifiedPerson {
  readonly ok: true;
  /** As it is now: LDAP may have made or changed it in this very login. */
  readonly account: AccountRecord;
  readonly secret: SessionSecret;
  readonly serverSignature?: Uint8Array;
}

type Judges = Pick<DirectLoginParts, 'passwords' | 'scram' | 'ldap' | 'noteAppPasswordUse'>;

/** @param record Whom the name means; undefined is verified against nothing, at equal cost. */
export async function judgeSecret(
  record: LoginRecord | undefined,
  credentials: PersonalCredentials,
  protocol: Protocol,
  turn: HashTurn,
  judges: Judges,
): Promise<VerifiedPerson | LoginRefused> {
  const verified = await judgeAnySecret(record, credentials, protocol, turn, judges);
  // LDAP has just said so itself.
  if (!verified.ok || verified.secret.kind === 'elsewhere') return verified;
  const confirmed = await confirmEntry(verified.account, judges.ldap);
  return confirmed.ok ? { ...verified, account: confirmed.account } : confirmed;
}

async function judgeAnySecret(
  record: LoginRecord | undefined,
  credentials: PersonalCredentials,
  protocol: Protocol,
  turn: HashTurn,
  judges: Judges,
): Promise<VerifiedPerson | LoginRefused> {
  if (credentials.kind === 'scram') return judgeProof(record, credentials, protocol, judges);
  const { password } = credentials;
  const app = findAppPassword(record, password, protocol);
  if (app !== undefined && record !== undefined) {
    judges.noteAppPasswordUse(record.account.id, app.id);
    return { ok: true, account: record.account, secret: { kind: 'app-password', id: app.id } };
  }
  const isByLdap = record?.account.ldap !== undefined && !isPasswordOff(record);
  return isByLdap
    ? judgeByLdap(record, password, turn, judges)
    : judgePassword(record, password, turn, judges);
}

/** Whether this very password was right minutes ago: then it costs nothing. */
export function isRemembered(
  record: LoginRecord,
  password: Uint8Array,
  { passwords, ldap }: Judges,
): boolean {
  if (isPasswordOff(record)) return false;
  const judge = record.account.ldap === undefined ? passwords : ldap;
  return judge.isRemembered(record, password);
}

function isPasswordOff(record: LoginRecord | undefined): boolean {
  return record?.account.isPasswordLoginOff === true;
}

async function judgePassword(
  record: LoginRecord | undefined,
  password: Uint8Array,
  turn: HashTurn,
  { passwords }: Judges,
): Promise<VerifiedPerson | LoginRefused> {
  const isOff = isPasswordOff(record);
  const verdict = await passwords.verifyPassword(isOff ? undefined : record, password, turn);
  if (verdict === 'busy') return BUSY;
  if (record === undefined) return { ok: false, reason: 'unknown-account' };
  if (isOff) return { ok: false, reason: 'no-secret', detail: 'app passwords only' };
  if (verdict === 'mismatch') {
    return { ok: false, reason: record.credentials ? 'wrong-password' : 'no-secret' };
  }
  return { ok: true, account: record.account, secret: passwordOf(record) };
}

async function judgeByLdap(
  record: LoginRecord,
  password: Uint8Array,
  turn: HashTurn,
  { ldap, passwords }: Judges,
): Promise<VerifiedPerson | LoginRefused> {
  const outcome = await ldap.authenticate(record, password);
  switch (outcome.kind) {
    case 'match':
      return { ok: true, account: outcome.account, secret: { kind: 'elsewhere' } };
    case 'unavailable':
      return { ok: false, reason: 'ldap-unavailable', detail: outcome.detail };
    case 'refused':
      return { ok: false, reason: 'ldap-account-refused', detail: outcome.detail };
    case 'mismatch': {
      const verdict = await passwords.verifyPassword(undefined, password, turn);
      if (verdict === 'busy') return BUSY;
      return { ok: false, reason: 'wrong-password', detail: `LDAP: ${outcome.detail}` };
    }
  }
}

function judgeProof(
  record: LoginRecord | undefined,
  proof: Extract<Credentials, { readonly kind: 'scram' }>,
  protocol: Protocol,
  { scram, noteAppPasswordUse }: Judges,
): VerifiedPerson | LoginRefused {
  const { bindingFault: detail } = proof;
  if (detail !== undefined) return { ok: false, reason: 'channel-binding-failed', detail };
  const verdict = scram.verify(record, proof, protocol);
  if (record === undefined) return { ok: false, reason: 'unknown-account' };
  // Its keys are not shown, so nobody can know whether the password was right.
  if (isBlockedKind(record.account.kind)) return { ok: false, reason: 'blocked-kind' };
  if (verdict.outcome === 'mismatch') {
    const hasSecret = record.credentials !== undefined || record.appPasswords !== undefined;
    return { ok: false, reason: hasSecret ? 'wrong-password' : 'no-secret' };
  }
  const { account } = record;
  const { serverSignature, appPasswordId: id } = verdict;
  if (id === undefined) return { ok: true, account, serverSignature, secret: passwordOf(record) };
  noteAppPasswordUse(account.id, id);
  return { ok: true, account, serverSignature, secret: { kind: 'app-password', id } };
}

function passwordOf({ credentials }: LoginRecord): SessionSecret {
  return { kind: 'password', setAtMs: credentials?.setAtMs ?? 0 };
}

const BUSY: LoginRefused = {
  ok: false,
  reason: 'too-busy',
  clientDetail: 'many are logging in, wait 5 seconds',
};
