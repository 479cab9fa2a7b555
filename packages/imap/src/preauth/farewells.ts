/** The words for ending a connection from our side (RFC 3501 §7.1.5). */
import type { FarewellReason } from '@homeward/sasl';
import { formatStatus } from '../grammar/responses/status-response.ts';
import { formatSessionEnd } from '../grammar/session-end-words.ts';

const IDLE = formatStatus('*', 'BYE', undefined, 'You were idle for too long');
const LIMIT = formatStatus('*', 'BYE', { code: 'LIMIT' }, 'Too many connections');
const BROKEN_CLIENT = formatStatus('*', 'BYE', undefined, 'This is not IMAP as we know it');

/** A whole line. */
export function formatFarewell(reason: FarewellReason): string {
  switch (reason) {
    case 'idle':
      return IDLE;
    case 'limit':
      return LIMIT;
    case 'broken-client':
      return BROKEN_CLIENT;
    default:
      return formatSessionEnd(reason);
  }
}
