/**
 * The claim of a session in the registry: counted first, judged after, so that two logins at
 * once cannot both take the last place. Runs beside the routing.
 */
import { DirectoryUnavailableError, type SessionClaim } from '@homeward/directory';
import { countedNetwork } from '@homeward/net';
import type { ConnectionLimitsConfig, Fault } from '@homeward/service';
import type { NetworkSetting } from './network-setting.ts';

/** Live sessions over all who take logins. */
export interface SessionRegistry {
  /**
   * @returns How many the account now has, this one included; counted here alone while the
   *   registry is away, so that a limit never falls open.
   */
  claim(session: SessionClaim): Promise<number>;
  /** Never rejects; a claim that cannot be released ends with the lease. */
  release(session: SessionClaim): Promise<void>;
}

/** Why a session has no place. */
export interface ClaimRefusal {
  readonly ok: false;
  readonly reason: Extract<
    Fault,
    'too-many-sessions' | 'too-many-connections' | 'directory-unavailable' | 'internal-error'
  >;
  readonly logDetail: string;
  /** A short ASCII text: which limit, and its number. */
  readonly clientDetail?: string;
}

/** A claim under way or held. Whoever holds it must release it, once, whatever came of it. */
export interface HeldClaim {
  /** Whether the account is within its limit. Never rejects. */
  readonly outcome: Promise<{ readonly ok: true } | ClaimRefusal>;
  /** Gives the place back as soon as it is known to be taken. Never rejects. */
  release(): Promise<void>;
}

/** Sessions that there may be, this one included. */
export interface SessionLimits {
  readonly perUser: number;
  /** Undefined: nobody counts them by address. */
  readonly perAddress: number | undefined;
}

/** The default of `perAddress`, which nobody need count up to. */
const UNLIMITED = 2_147_483_647;
const NO_LIMITS: SessionLimits = { perUser: Infinity, perAddress: undefined };

/**
 * The limits that hold for a client.
 *
 * @param exempt Made for `exemptNetworks`.
 * @param perUser The account's own limit, if it has one.
 */
export function sessionLimitsFor(
  settings: Pick<ConnectionLimitsConfig, 'perUser' | 'perAddress' | 'exemptNetworks'>,
  exempt: NetworkSetting,
  clientAddress: string,
  perUser: number | undefined,
): SessionLimits {
  const { perAddress, exemptNetworks } = settings;
  if (exempt.has(exemptNetworks, clientAddress)) return NO_LIMITS;
  return {
    perUser: perUser ?? settings.perUser,
    perAddress: perAddress < UNLIMITED ? perAddress : undefined,
  };
}

/** @param addresses Counts by address what the registry counts by account. */
export function claimSession(
  registry: SessionRegistry,
  addresses: SessionRegistry,
  session: SessionClaim,
  { perUser, perAddress }: SessionLimits,
): HeldClaim {
  const claimed: SessionClaim =
    perAddress === undefined ? { ...session, isCountedByAddress: false } : session;
  const judge = async (): Promise<{ readonly ok: true } | ClaimRefusal> => {
    if ((await registry.claim(claimed)) > perUser) return tooManyOfUser(perUser);
    if (perAddress === undefined) return { ok: true };
    const count = await addresses.claim(session);
    return count > perAddress ? tooManyFromAddress(perAddress, session) : { ok: true };
  };
  const outcome = judge().catch(registryFault);
  return {
    outcome,
    async release() {
      await outcome;
      await registry.release(claimed);
      if (perAddress !== undefined) await addresses.release(session);
    },
  };
}

function tooManyOfUser(limit: number): ClaimRefusal {
  return {
    ok: false,
    reason: 'too-many-sessions',
    logDetail: `limit ${limit}`,
    clientDetail: `${limit} connections per user (connectionLimits.perUser, MaxConnectionsPerUser)`,
  };
}

function tooManyFromAddress(limit: number, { clientAddress }: SessionClaim): ClaimRefusal {
  const network = countedNetwork(clientAddress);
  return {
    ok: false,
    reason: 'too-many-connections',
    logDetail: `limit ${limit} from ${network}`,
    clientDetail: `${limit} connections from ${network} (connectionLimits.perAddress)`,
  };
}

function registryFault(error: unknown): ClaimRefusal {
  return {
    ok: false,
    reason: error instanceof DirectoryUnavailableError ? 'directory-unavailable' : 'internal-error',
    logDetail: `session registry: ${error instanceof Error ? error.message : 'failed'}`,
  };
}
