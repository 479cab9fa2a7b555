/**
 * What a session lease needs of the store that all front-end workers share. Each driver supplies
 * one. Calls reject with `DirectoryUnavailableError` when the store is away.
 */
import type { SessionClaim } from '../ports.ts';

export interface LeaseStore {
  /**
   * Puts the expiry off by `lifeMs`.
   *
   * @returns false if the lease was new or had expired, or if the store may have lost sessions.
   */
  renew(leaseId: string, lifeMs: number): Promise<boolean>;
  /** Notes sessions under the lease; noting one again changes nothing. */
  put(leaseId: string, sessions: readonly SessionClaim[]): Promise<void>;
  /** Notes one and counts the account's sessions under all other leases that live. */
  putAndCountOthers(leaseId: string, session: SessionClaim): Promise<NotedCount>;
  remove(leaseId: string, sessions: readonly SessionRef[]): Promise<void>;
  /** Everything noted under the lease. */
  list(leaseId: string): Promise<readonly SessionRef[]>;
  /** Forgets the lease, whose sessions were removed before. */
  end(leaseId: string): Promise<void>;
  listExpired(): Promise<readonly string[]>;
}

/** What became of a session that was put. */
export interface NotedCount {
  /** Sessions of the account under other leases: a worker knows its own better. */
  readonly others: number;
  /**
   * Settles when `list` would tell of it, too; no login need wait for that. Rejects as a call
   * does: the store's copy of the lease may then be wrong.
   */
  readonly noted: Promise<void>;
}

/** Enough of a session to find it again. */
export type SessionRef = Pick<SessionClaim, 'accountId' | 'conversationId'>;
