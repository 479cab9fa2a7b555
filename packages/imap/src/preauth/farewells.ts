/** The words for ending a connection from our side (RFC 3501 §7.1.5). */
import { type FarewellReason, lineWithReference, type SessionFarewells } from '@homeward/sasl';
import { formatStatus } from '../grammar/responses/status-response.ts';
import { formatSessionEnd } from '../grammar/session-end-words.ts';

const IDLE = formatStatus('*', 'BYE', undefined, 'You were idle for too long');
/** CONTACTADMIN: trying again is of no use. */
const SWITCHED_OFF = formatStatus(
  '*',
  'BYE',
  { code: 'CONTACTADMIN' },
  'IMAP is switched off here; ask your administrator',
);
const BROKEN_CLIENT = formatStatus('*', 'BYE', undefined, 'This is not IMAP as we know it');

/**
 * A whole line.
 *
 * @param detail Of a limit.
 */
export function formatFarewell(reason: FarewellReason, detail?: string): string {
  switch (reason) {
    case 'idle':
      return IDLE;
    case 'limit':
      return formatStatus(
        '*',
        'BYE',
        { code: 'LIMIT' },
        detail === undefined ? 'Too many connections' : `Too many connections: ${detail}`,
      );
    case 'switched-off':
      return SWITCHED_OFF;
    case 'broken-client':
      return BROKEN_CLIENT;
    default:
      return formatSessionEnd(reason);
  }
}

/** For all sessions. */
export const SESSION_FAREWELLS: SessionFarewells = (reason, reference) =>
  lineWithReference(formatFarewell(reason), reference);
