/** What the brute-force throttle remembers that concerns a login. Read only. */
import {
  type AccountRecord,
  type DirectoryDriver,
  type FailureLane,
  listKnownNetworks,
  listThrottled,
} from '@homeward/directory';
import { createNetworkTest, parseNetwork } from '@homeward/net';

/** Counts of different wrong passwords that are not forgotten. */
export interface ThrottleFacts {
  /** Of strange networks, at this account. */
  readonly accountFailures: number;
  /** Of the client's network, at all accounts; null: no address was said. */
  readonly addressFailures: number | null;
  /** Of the client's network at this account, where it is known to it. */
  readonly knownFailures: number;
  /** From where the account logged in lately: others never slow it down there. */
  readonly knownNetworks: readonly string[];
  readonly isKnownNetwork: boolean;
}

/** What of the settings decides whom it slows down. */
export interface SlowingRules {
  /** False where it is off, or the client's network is never slowed down. */
  readonly isOn: boolean;
  /** Longest that a login is held. */
  readonly maxDelaySeconds: number;
  /** Different wrong passwords at one account that slow nobody down yet. */
  readonly accountFailures: number;
  /** The same of one network. */
  readonly addressFailures: number;
}

/** Rejects with `DirectoryUnavailableError` alone. */
export async function readThrottleFacts(
  driver: Pick<DirectoryDriver, 'throttle'>,
  account: AccountRecord | undefined,
  address: string | undefined,
): Promise<ThrottleFacts> {
  const [entries, knownNetworks] = await Promise.all([
    listThrottled(driver.throttle, (lane) => concerns(lane, account?.id, address)),
    account === undefined ? [] : listKnownNetworks(driver.throttle, account.id),
  ]);
  const countOf = (kind: FailureLane['kind']): number =>
    entries
      .filter(({ lane }) => lane.kind === kind)
      .reduce((sum, { failureCount }) => sum + failureCount, 0);
  return {
    accountFailures: countOf('account'),
    addressFailures: address === undefined ? null : countOf('address'),
    knownFailures: countOf('known'),
    knownNetworks,
    isKnownNetwork: address !== undefined && contains(knownNetworks, address),
  };
}

/** Whether it would be held or refused, by the counts alone: turns may add some seconds. */
export function isSlowed(
  { accountFailures, addressFailures, knownFailures, isKnownNetwork }: ThrottleFacts,
  limits: SlowingRules,
): boolean {
  if (!limits.isOn) return false;
  if (isKnownNetwork) return knownFailures > limits.accountFailures;
  return (
    accountFailures > limits.accountFailures || (addressFailures ?? 0) > limits.addressFailures
  );
}

function concerns(
  lane: FailureLane,
  accountId: string | undefined,
  address: string | undefined,
): boolean {
  if (lane.kind !== 'address' && lane.subject !== accountId) return false;
  if (lane.kind === 'account') return true;
  return address !== undefined && contains([lane.network], address);
}

function contains(networks: readonly string[], address: string): boolean {
  return createNetworkTest(networks.filter((one) => parseNetwork(one).ok))(address);
}
