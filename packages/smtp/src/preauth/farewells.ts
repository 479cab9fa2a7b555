/** The words for ending a connection from our side (RFC 5321 §3.8: 421 may come at any time). */
import { type FarewellReason, lineWithReference, type SessionFarewells } from '@homeward/sasl';
import { formatReply } from '../grammar/reply.ts';
import { formatSessionEnd } from '../grammar/session-end-words.ts';

/** @param detail Of a limit. */
export function formatFarewell(reason: FarewellReason, detail?: string): string {
  switch (reason) {
    case 'idle':
      return formatReply(421, '4.4.2', 'Nothing was said for too long');
    case 'limit': {
      const text = 'Too many connections';
      return formatReply(421, '4.7.0', detail === undefined ? text : `${text}: ${detail}`);
    }
    case 'broken-client':
      return formatReply(421, '4.5.0', 'This is not SMTP');
    default:
      return formatSessionEnd(reason);
  }
}

/** For all sessions. */
export const SESSION_FAREWELLS: SessionFarewells = (reason, reference) =>
  lineWithReference(formatFarewell(reason), reference);
