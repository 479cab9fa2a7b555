/**
 * The claim of a session in the registry: counted first, judged after, so that two logins at
 * once cannot both take the last place. Runs beside the routing.
 */
import { DirectoryUnavailableError, type SessionClaim } from '@homeward/directory';
import { countedNetwork } from '@homeward/net';
import type { LoginFault } from './login-fault.ts';
import type { SessionRegistry } from './ports.ts';

/** A claim under way or held. Whoever holds it must release it, once, whatever came of it. */
export interface HeldClaim {
  /** Whether the account is within its limit. Never rejects. */
  readonly outcome: Promise<{ readonly ok: true } | LoginFault>;
  /** Gives the place back as soon as it is known to be taken. Never rejects. */
  release(): Promise<void>;
}

/** Sessions that there may be, this one included. */
export interface SessionLimits {
  readonly perUser: number;
  /** Undefined: nobody counts them by address. */
  readonly perAddress: number | undefined;
}

/** @param addresses Counts by address what the registry counts by account. */
export function claimSession(
  registry: SessionRegistry,
  addresses: SessionRegistry,
  session: SessionClaim,
  { perUser, perAddress }: SessionLimits,
): HeldClaim {
  const judge = async (): Promise<{ readonly ok: true } | LoginFault> => {
    if ((await registry.claim(session)) > perUser) return tooManyOfUser(perUser);
    if (perAddress === undefined) return { ok: true };
    const count = await addresses.claim(session);
    return count > perAddress ? tooManyFromAddress(perAddress, session) : { ok: true };
  };
  const outcome = judge().catch(registryFault);
  return {
    outcome,
    async release() {
      await outcome;
      await registry.release(session);
      if (perAddress !== undefined) await addresses.release(session);
    },
  };
}

function tooManyOfUser(limit: number): LoginFault {
  return {
    ok: false,
    reason: 'too-many-sessions',
    logDetail: `limit ${limit}`,
    clientDetail: `${limit} connections per user (connectionLimits.perUser, MaxConnectionsPerUser)`,
  };
}

function tooManyFromAddress(limit: number, { clientAddress }: SessionClaim): LoginFault {
  const network = countedNetwork(clientAddress);
  return {
    ok: false,
    reason: 'too-many-connections',
    logDetail: `limit ${limit} from ${network}`,
    clientDetail: `${limit} connections from ${network} (connectionLimits.perAddress)`,
  };
}

function registryFault(error: unknown): LoginFault {
  return {
    ok: false,
    reason: error instanceof DirectoryUnavailableError ? 'directory-unavailable' : 'internal-error',
    logDetail: `session registry: ${error instanceof Error ? error.message : 'failed'}`,
  };
}
