/**
 * Why a session is ended that neither its client nor a fault has ended. One list for all
 * protocols and for both halves: each protocol has words for every reason, the front end logs
 * and counts it, and asks homes for it by this name.
 */
export const SESSION_END_REASONS = [
  /** The process stops. */
  'shutting-down',
  /** Maintenance: a front end, a site or a worker is being emptied. */
  'draining',
  /** An operator ended this one. */
  'kicked',
  /** The secret that the client logged in with is no longer the account's. */
  'credentials-changed',
  /** The token that the client logged in with has run out. */
  'token-expired',
  /** The account was switched off, deleted, or lost the protocol. */
  'account-disabled',
  /** The account has another home, or a delegate another right: logging in again may work. */
  'account-changed',
  /** A rule about clients no longer lets this one in. */
  'access-denied',
] as const;

/** One of the list. */
export type SessionEndReason = (typeof SESSION_END_REASONS)[number];

const REVOCATIONS: ReadonlySet<SessionEndReason> = new Set([
  'credentials-changed',
  'token-expired',
  'account-disabled',
  'access-denied',
]);

/** Such an end cannot wait: the client is no longer entitled to what it sees. */
export function isRevocation(reason: SessionEndReason): boolean {
  return REVOCATIONS.has(reason);
}
