/** The words for ending a connection from our side (RFC 3501 §7.1.5). */
import type { LoginDialogue } from '@homeward/sasl';
import { formatStatus } from '../grammar/responses/status-response.ts';

/** By reason; whole lines. */
export const FAREWELLS: Readonly<Record<Parameters<LoginDialogue['farewell']>[0], string>> = {
  idle: formatStatus('*', 'BYE', undefined, 'You were idle for too long'),
  'shutting-down': formatStatus('*', 'BYE', { code: 'UNAVAILABLE' }, 'The server is going down'),
  limit: formatStatus('*', 'BYE', { code: 'LIMIT' }, 'Too many connections'),
  'broken-client': formatStatus('*', 'BYE', undefined, 'This is not IMAP as we know it'),
};
