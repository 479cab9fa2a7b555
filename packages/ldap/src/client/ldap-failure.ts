/**
 * What came of an operation at a server, told apart by one question: did the server answer about
 * the person, or did it fail? Only the first may ever look like a wrong password.
 */
import { ResultCodeError } from 'ldapts';

/**
 * A server that cannot be used: away, too slow, not trusted, busy, referring us elsewhere, or not
 * letting our own account in. Ours; the message has no secret.
 */
export class LdapFailure extends Error {
  override readonly name = 'LdapFailure';

  /** The server had its time and did not answer: to ask it once more would double the wait. */
  get isTooLate(): boolean {
    return this.message.endsWith(TOO_LATE);
  }
}

const TOO_LATE = 'no answer in time';

/** What a bind as a person says about that person (RFC 4511 §4.1.9, appendix A). */
const REFUSALS: ReadonlyMap<number, string> = new Map([
  [19, 'constraint violation'],
  [32, 'no such entry'],
  [34, 'no such name'],
  [48, 'has no password'],
  [49, 'invalid credentials'],
  [50, 'not allowed'],
  [53, 'unwilling'],
]);

/** AD says in `data` why it refused a right or a wrong password; for the log alone. */
const AD_REASONS: Readonly<Record<string, string>> = {
  '525': 'no such user',
  '52e': 'wrong password',
  '530': 'not at this time',
  '531': 'not from here',
  '532': 'password expired',
  '533': 'account disabled',
  '701': 'account expired',
  '773': 'must change the password',
  '775': 'account locked',
};

/** Why a bind as a person was refused; undefined if the error says nothing about him. */
export function readRefusal(error: unknown): string | undefined {
  if (!(error instanceof ResultCodeError)) return undefined;
  const refusal = REFUSALS.get(error.code);
  if (refusal === undefined) return undefined;
  const data = /\bdata ([0-9a-f]{3})\b/i.exec(error.message)?.[1]?.toLowerCase() ?? '';
  return AD_REASONS[data] ?? refusal;
}

/** Any other error as a failure of the server. */
export function toFailure(error: unknown, what: string): LdapFailure {
  if (error instanceof LdapFailure) return error;
  return new LdapFailure(`${what}: ${describe(error)}`, { cause: error });
}

function describe(error: unknown): string {
  if (error instanceof ResultCodeError) {
    return error.code === 10 ? 'referral, which is not followed' : `LDAP result ${error.code}`;
  }
  if (!(error instanceof Error)) return 'unknown';
  if ('code' in error && typeof error.code === 'string') return error.code;
  if (/timed out|timeout/i.test(error.message)) return TOO_LATE;
  if (/closed|socket/i.test(error.message)) return 'the connection was lost';
  return error.name;
}
