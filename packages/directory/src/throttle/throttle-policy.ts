/**
 * How long a login has to wait, from what is known of where it comes from and whom it is about.
 * Pure: the same facts give the same pace.
 *
 * - A network from which the account logged in lately is **known**: only failures of this account
 *   from there slow it down, a little. Nobody elsewhere can do anything about it. Each login is
 *   held by itself: its owner there does not wait behind whoever guesses beside him. How many are
 *   held together is for the gate to bound.
 * - A network that failed with more different secrets than it may (over all accounts, so that
 *   spraying shows) takes turns that lie ever further apart.
 * - Logins to an account that strangers guess at are held for a while, each by itself, so that
 *   its owner at a new place waits, but not behind the attackers. Networks that have guessed
 *   wrong at this account before take turns among themselves.
 * - Where room is short, who waits and who is looked at goes by **standing**: a network that got
 *   nothing wrong goes before those that did.
 */
import type { LaneMember } from './throttle-store.ts';

/** As settings have it; all live. */
export interface ThrottlePolicy {
  /** Different secrets that one network may get wrong before it is slowed down. */
  readonly addressFailures: number;
  /** Different secrets that strange networks together may get wrong at one account. */
  readonly accountFailures: number;
  /** Longest that a login is held; whoever would wait longer is refused. */
  readonly maxHoldMs: number;
  /** Longest time between two turns. */
  readonly maxIntervalMs: number;
}

/** What is known of an attempt. */
export interface ThrottleFacts {
  /** The account logged in from this network lately. */
  readonly isKnown: boolean;
  readonly knownFailureCount: number;
  readonly addressFailureCount: number;
  /** Those among them that were about this account. */
  readonly hereFailureCount: number;
  readonly accountFailureCount: number;
  /** Accounts that logged in from this network lately. */
  readonly userCount: number;
}

/** What speaks for an attempt's network, best first. */
export type Standing =
  /** The account logged in from there lately. */
  | 'known'
  /** It got nothing wrong within the window. */
  | 'clean'
  /** It did, as anybody does. */
  | 'slipped'
  /** It guesses. */
  | 'suspect';

const STANDINGS: readonly Standing[] = ['known', 'clean', 'slipped', 'suspect'];

/** From 0 on, the best first. */
export function rankOf(standing: Standing): number {
  return STANDINGS.indexOf(standing);
}

/** Which failures slow an attempt down. */
export type ThrottleCause = 'known' | 'address' | 'account';

export interface Pace {
  readonly standing: Standing;
  /** Undefined: nothing does. */
  readonly cause: ThrottleCause | undefined;
  /** How many failures count, for the log. */
  readonly failureCount: number;
  readonly turns: readonly {
    readonly lane: Exclude<ThrottleCause, 'known'>;
    readonly intervalMs: number;
  }[];
  /** Held by itself, whatever the turns. */
  readonly holdMs: number;
}

/** Members of a lane of failures; more would slow nobody down further. */
export const FAILURE_LIMIT = 128;
/** Networks of an account, and users of a network, that are remembered. */
export const KNOWN_LIMIT = 64;
/** Failures at one account from one network that are anybody's slips. */
const SLIP_COUNT = 3;
const FIRST_INTERVAL_MS = 1_000;
/** The longest at a known network: its owner is there. */
const KNOWN_HOLD_LIMIT_MS = 2_000;

/** Doubles with each failure beyond those that are free. */
export function intervalMs(excessCount: number, limitMs: number): number {
  if (excessCount <= 0) return 0;
  return Math.min(limitMs, FIRST_INTERVAL_MS * 2 ** Math.min(excessCount - 1, 20));
}

export function paceOf(facts: ThrottleFacts, policy: ThrottlePolicy): Pace {
  return facts.isKnown ? paceOfKnown(facts, policy) : paceOfStranger(facts, policy);
}

function paceOfKnown({ knownFailureCount }: ThrottleFacts, policy: ThrottlePolicy): Pace {
  const limitMs = Math.min(KNOWN_HOLD_LIMIT_MS, policy.maxHoldMs);
  const holdMs = intervalMs(knownFailureCount - policy.accountFailures, limitMs);
  return {
    standing: 'known',
    cause: holdMs > 0 ? 'known' : undefined,
    failureCount: knownFailureCount,
    turns: [],
    holdMs,
  };
}

/** Many people behind one address make more slips than one does. */
function paceOfStranger(facts: ThrottleFacts, policy: ThrottlePolicy): Pace {
  const { addressFailureCount, accountFailureCount, hereFailureCount, userCount } = facts;
  const { maxIntervalMs, maxHoldMs } = policy;
  const allowance = policy.addressFailures + Math.min(userCount, KNOWN_LIMIT);
  const addressMs = intervalMs(addressFailureCount - allowance, maxIntervalMs);
  const accountMs = intervalMs(accountFailureCount - policy.accountFailures, maxIntervalMs);
  const isSuspect = addressMs > 0 || hereFailureCount >= SLIP_COUNT;
  const takesTurns = accountMs > 0 && isSuspect;
  const isAddressWorse = addressMs > 0 && addressMs >= accountMs;
  return {
    standing: isSuspect ? 'suspect' : addressFailureCount > 0 ? 'slipped' : 'clean',
    cause: isAddressWorse ? 'address' : accountMs > 0 ? 'account' : undefined,
    failureCount: isAddressWorse ? addressFailureCount : accountFailureCount,
    turns: [
      ...(addressMs > 0 ? [{ lane: 'address' as const, intervalMs: addressMs }] : []),
      ...(takesTurns ? [{ lane: 'account' as const, intervalMs: accountMs }] : []),
    ],
    holdMs: takesTurns ? 0 : Math.min(accountMs, maxHoldMs),
  };
}

/** What of a lane of failures `<who>.<secret>` is about this one. */
export function countAbout(failures: readonly LaneMember[], who: string): number {
  return failures.filter(({ name }) => name.startsWith(`${who}.`)).length;
}

/** How many accounts a network's failures were about. */
export function countAccounts(failures: readonly LaneMember[]): number {
  return new Set(failures.map(({ name }) => name.slice(0, name.indexOf('.')))).size;
}
