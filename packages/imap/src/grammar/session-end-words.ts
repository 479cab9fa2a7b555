/** What BYE says of the reasons for ending a session (RFC 3501 §7.1.5, RFC 5530 §3). */
import type { SessionEndReason } from '@homeward/sasl';
import { formatStatus } from './responses/status-response.ts';
import type { ResponseCode } from './responses/response-code.ts';

interface Words {
  /** UNAVAILABLE: connect again. CONTACTADMIN: trying again is of no use. */
  readonly code: 'UNAVAILABLE' | 'EXPIRED' | 'CONTACTADMIN' | undefined;
  readonly text: string;
}

const words: Readonly<Record<SessionEndReason, Words>> = {
  'shutting-down': { code: 'UNAVAILABLE', text: 'The server is restarting; connect again' },
  draining: { code: 'UNAVAILABLE', text: 'The server is being maintained; connect again' },
  kicked: { code: undefined, text: 'An administrator has ended this session' },
  'credentials-changed': { code: 'EXPIRED', text: 'The password has changed; log in again' },
  'token-expired': { code: 'EXPIRED', text: 'The token has expired; log in with a new one' },
  'account-disabled': { code: 'CONTACTADMIN', text: 'The account may not use IMAP now' },
  'account-changed': { code: 'UNAVAILABLE', text: 'The account has changed; log in again' },
  'access-denied': { code: 'CONTACTADMIN', text: 'Connections from here are not allowed' },
};

/** `* BYE [CODE] text` and CRLF. */
export function formatSessionEnd(reason: SessionEndReason): string {
  const { code, text } = words[reason];
  const responseCode: ResponseCode | undefined = code && { code };
  return formatStatus('*', 'BYE', responseCode, text);
}
