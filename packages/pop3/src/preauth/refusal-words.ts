/**
 * What a client hears when a login is refused: one row for each reason (RFC 3206, RFC 2449 §8.1).
 * The words for bad credentials never vary, whatever was wrong with them.
 */
import type { LoginRefusal } from '@homeward/sasl';
import { formatErr } from '../grammar/response.ts';
import type { ResponseCode } from '../grammar/response.ts';

interface RefusalWords {
  readonly code: ResponseCode;
  readonly text: string;
  /** Whether the caller's detail may follow. */
  readonly mayDetail: boolean;
}

const words: Readonly<Record<LoginRefusal, RefusalWords>> = {
  'bad-credentials': { code: 'AUTH', text: 'Authentication failed', mayDetail: false },
  // Not AUTH: mail programs take that as a reason to ask for the password again.
  'not-enabled': {
    code: 'SYS/PERM',
    text: 'This account may not use POP3; ask its administrator',
    mayDetail: true,
  },
  unavailable: {
    code: 'SYS/TEMP',
    text: 'The mailbox cannot be reached now, try again later',
    mayDetail: true,
  },
  limit: { code: 'SYS/TEMP', text: 'A limit is reached', mayDetail: true },
  throttled: {
    code: 'LOGIN-DELAY',
    text: 'Too many attempts, try again later',
    mayDetail: true,
  },
  'privacy-required': { code: 'SYS/PERM', text: 'This login needs TLS first', mayDetail: true },
  'in-use': { code: 'IN-USE', text: 'The maildrop is in use', mayDetail: true },
};

/** The -ERR line. */
export function formatRefusal(
  reason: LoginRefusal,
  detail: string | undefined,
  reference: string | undefined,
): string {
  const { code, text, mayDetail } = words[reason];
  const detailed = detail === undefined || !mayDetail ? text : `${text}: ${detail}`;
  return formatErr(code, reference === undefined ? detailed : `${detailed} (ref ${reference})`);
}
