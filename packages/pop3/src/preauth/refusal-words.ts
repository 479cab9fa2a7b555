/**
 * What a client hears when a login is refused: one row for each reason (RFC 3206, RFC 2449 §8.1).
 * The words for bad credentials never vary, whatever was wrong with them.
 */
import { type LoginRefusal, withReference } from '@homeward/sasl';
import { formatErr } from '../grammar/response.ts';
import type { ResponseCode } from '../grammar/response.ts';
import type { Texts } from '../grammar/texts/texts.ts';

interface RefusalRow {
  readonly code: ResponseCode;
  /** Whether the caller's detail may follow. */
  readonly mayDetail: boolean;
}

const rows: Readonly<Record<LoginRefusal, RefusalRow>> = {
  'bad-credentials': { code: 'AUTH', mayDetail: false },
  // Not AUTH: mail programs take that as a reason to ask for the password again.
  'not-enabled': { code: 'SYS/PERM', mayDetail: true },
  'not-allowed-here': { code: 'SYS/PERM', mayDetail: true },
  unavailable: { code: 'SYS/TEMP', mayDetail: true },
  limit: { code: 'SYS/TEMP', mayDetail: true },
  throttled: { code: 'LOGIN-DELAY', mayDetail: true },
  'privacy-required': { code: 'SYS/PERM', mayDetail: true },
  'in-use': { code: 'IN-USE', mayDetail: true },
};

/**
 * The -ERR line.
 *
 * @param detail In English whatever the language; made ASCII, since the client may know no other.
 */
export function formatRefusal(
  reason: LoginRefusal,
  texts: Texts,
  detail?: string,
  reference?: string,
): string {
  const { code, mayDetail } = rows[reason];
  const text = texts.refusals[reason];
  const detailed = detail === undefined || !mayDetail ? text : `${text}: ${toAscii(detail)}`;
  return formatErr(code, withReference(detailed, reference));
}

function toAscii(text: string): string {
  return text.replaceAll(/[^ -~]/gu, '?');
}
