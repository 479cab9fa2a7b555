/**
 * The place that a person's own session takes in the registry, where it counts together with
 * those at front ends. Who came by a ticket has been counted there.
 */
import type { SiteName } from '@homeward/directory';
import {
  type ClaimRefusal,
  claimSession,
  type SessionLimits,
  type SessionRegistry,
} from '@homeward/login-guards';
import type { Login, LoginRefused } from './login.ts';

export interface SessionClaimsParts {
  readonly registry: SessionRegistry;
  /** Counts by address what the registry counts by account. */
  readonly addresses: SessionRegistry;
  readonly site: SiteName;
  /** Those in force. @param perUser The account's own limit, if it has one. */
  readonly limitsFor: (clientAddress: string, perUser: number | undefined) => SessionLimits;
  readonly nowMs: () => number;
}

/** A place that was given. */
export interface Claimed {
  readonly ok: true;
  /** Once. Never rejects. */
  release(): Promise<void>;
}

/** Gives places to sessions. */
export type SessionClaims = (login: Login) => Promise<Claimed | LoginRefused>;

export function createSessionClaims(parts: SessionClaimsParts): SessionClaims {
  return async (login) => {
    if (login.secret === undefined) return UNCOUNTED;
    const { registry, addresses, site, limitsFor, nowMs } = parts;
    const { accountId, clientAddress, conversationId, delegateId, protocol } = login;
    const session = {
      conversationId,
      accountId: delegateId ?? accountId,
      mailboxId: accountId,
      protocol,
      site,
      clientAddress,
      startedAtMs: nowMs(),
    };
    const limits = limitsFor(clientAddress, login.connectionLimit);
    const claim = claimSession(registry, addresses, session, limits);
    const outcome = await claim.outcome;
    if (outcome.ok) return { ok: true, release: () => claim.release() };
    await claim.release();
    return refuse(outcome);
  };
}

function refuse({ reason, logDetail: detail, clientDetail }: ClaimRefusal): LoginRefused {
  switch (reason) {
    case 'internal-error':
      throw new Error(detail);
    case 'directory-unavailable':
      return { ok: false, reason: 'directory-away', detail };
    default:
      return { ok: false, reason, detail, clientDetail };
  }
}

const UNCOUNTED: Claimed = { ok: true, release: () => Promise.resolve() };
