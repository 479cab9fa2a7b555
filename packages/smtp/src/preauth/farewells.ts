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
    case 'switched-off':
      // RFC 7504 §3 with its X.3.2: nothing is taken here, and the connection may be closed at once.
      // A 4yz would keep the message in the outbox, to be tried for ever without a word.
      return formatReply(521, '5.3.2', 'Submission is switched off here, ask your administrator');
    case 'broken-client':
      return formatReply(421, '4.5.0', 'This is not SMTP');
    default:
      return formatSessionEnd(reason);
  }
}

/** For all sessions. */
export const SESSION_FAREWELLS: SessionFarewells = (reason, reference) =>
  lineWithReference(formatFarewell(reason), reference);
