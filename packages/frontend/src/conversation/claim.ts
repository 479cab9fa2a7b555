/**
 * The claim of a session in the registry: counted first, judged after, so that two logins at
 * once cannot both take the last place. Runs beside the routing.
 */
import { DirectoryUnavailableError, type SessionClaim } from '@homeward/directory';
import type { LoginFault } from './login-fault.ts';
import type { SessionRegistry } from './ports.ts';

/** A claim under way or held. Whoever holds it must release it, once, whatever came of it. */
export interface HeldClaim {
  /** Whether the account is within its limit. Never rejects. */
  readonly outcome: Promise<{ readonly ok: true } | LoginFault>;
  /** Gives the place back as soon as it is known to be taken. Never rejects. */
  release(): Promise<void>;
}

/** @param limit Sessions per account, this one included (MaxConnectionsPerUser). */
export function claimSession(
  registry: SessionRegistry,
  session: SessionClaim,
  limit: number,
): HeldClaim {
  const outcome = registry.claim(session).then(
    (count) => (count <= limit ? ({ ok: true } as const) : tooMany(limit)),
    (error: unknown) => registryFault(error),
  );
  return {
    outcome,
    async release() {
      await outcome;
      await registry.release(session);
    },
  };
}

function tooMany(limit: number): LoginFault {
  return {
    ok: false,
    reason: 'too-many-sessions',
    logDetail: `limit ${limit}`,
    clientDetail: `${limit} connections per user (MaxConnectionsPerUser)`,
  };
}

function registryFault(error: unknown): LoginFault {
  return {
    ok: false,
    reason: error instanceof DirectoryUnavailableError ? 'directory-unavailable' : 'internal-error',
    logDetail: `session registry: ${error instanceof Error ? error.message : 'failed'}`,
  };
}
