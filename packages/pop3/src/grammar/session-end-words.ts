/** The -ERR line for each reason for ending a session (RFC 3206 §3, RFC 3206 §4). */
import type { SessionEndReason } from '@homeward/sasl';
import { formatErr, type ResponseCode } from './response.ts';
import type { Texts } from './texts/texts.ts';

const codes: Readonly<Record<SessionEndReason, ResponseCode>> = {
  'shutting-down': 'SYS/TEMP',
  draining: 'SYS/TEMP',
  kicked: 'SYS/TEMP',
  'credentials-changed': 'AUTH',
  'token-expired': 'AUTH',
  // Not AUTH: mail programs take that as a reason to ask for the password again.
  'account-disabled': 'SYS/PERM',
  'account-changed': 'SYS/TEMP',
  'access-denied': 'SYS/PERM',
};

/** @param isBehindLogin A session knows that nothing was deleted, and says so. */
export function formatSessionEnd(
  reason: SessionEndReason,
  texts: Texts,
  isBehindLogin: boolean,
): string {
  const text = texts.ended[reason];
  return formatErr(codes[reason], isBehindLogin ? texts.nothingDeleted(text) : text);
}
