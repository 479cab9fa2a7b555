/** Which ends cannot wait: the client is no longer entitled to what it sees. */
import type { SessionEndReason } from '@homeward/sasl';

const revocations: ReadonlySet<SessionEndReason> = new Set([
  'credentials-changed',
  'token-expired',
  'account-disabled',
  'access-denied',
]);

export function isRevocation(reason: SessionEndReason): boolean {
  return revocations.has(reason);
}
