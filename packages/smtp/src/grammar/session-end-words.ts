/** The 421 line for each reason for ending a session (RFC 5321 §3.8, RFC 3463 §3). */
import type { SessionEndReason } from '@homeward/sasl';
import { type EnhancedCode, formatReply } from './reply.ts';

const rows: Readonly<Record<SessionEndReason, readonly [enhanced: EnhancedCode, text: string]>> = {
  'shutting-down': ['4.3.2', 'The server is restarting, connect again'],
  draining: ['4.3.2', 'The server goes into maintenance, connect again'],
  kicked: ['4.3.2', 'An administrator has ended this session'],
  'credentials-changed': ['4.7.0', 'The password has changed, log in again'],
  'token-expired': ['4.7.0', 'The access token has expired, log in again'],
  'account-disabled': ['4.7.0', 'The account may no longer send mail here'],
  'account-changed': ['4.3.2', 'The account has changed, log in again'],
  'access-denied': ['4.7.0', 'A rule of this server no longer lets you in'],
};

/** A whole line. */
export function formatSessionEnd(reason: SessionEndReason): string {
  const [enhanced, text] = rows[reason];
  return formatReply(421, enhanced, text);
}
