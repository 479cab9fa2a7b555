/** What the throttle remembers, for operators: which lanes count failures, and how many. */
import type { AccountId } from '../ports.ts';
import { lanesOf, parseLane, type FailureLane } from './lanes.ts';
import { countAccounts } from './throttle-policy.ts';
import type { ThrottleStore } from './throttle-store.ts';

/** One lane of failures. */
export interface ThrottleEntry {
  /** For `ThrottleStore.clear`. */
  readonly laneName: string;
  readonly lane: FailureLane;
  /** Different wrong passwords. */
  readonly failureCount: number;
  /** For a network: how many accounts, or names that nobody has, they were about. */
  readonly accountCount: number | undefined;
  readonly lastFailureAgoMs: number;
  /** When the last of them is forgotten. */
  readonly leftMs: number;
}

/**
 * The lanes that had failures lately and have not forgotten them, newest first; of the newest
 * 1,000. Rejects as the store does.
 */
export async function listThrottled(
  store: Pick<ThrottleStore, 'listRecent' | 'read'>,
  matches: (lane: FailureLane) => boolean = () => true,
): Promise<readonly ThrottleEntry[]> {
  const recent = (await store.listRecent()).flatMap(({ lane: laneName, agoMs }) => {
    const lane = parseLane(laneName);
    return lane !== undefined && matches(lane) ? [{ laneName, lane, agoMs }] : [];
  });
  const found = await store.read(recent.map(({ laneName }) => laneName));
  return recent.flatMap(({ laneName, lane, agoMs }, index) => {
    const members = found[index] ?? [];
    if (members.length === 0) return [];
    return [
      {
        laneName,
        lane,
        failureCount: members.length,
        accountCount: lane.kind === 'address' ? countAccounts(members) : undefined,
        lastFailureAgoMs: agoMs,
        leftMs: Math.max(...members.map(({ leftMs }) => leftMs)),
      },
    ];
  });
}

/** The networks from which an account logged in lately: there it is never slowed by others. */
export async function listKnownNetworks(
  store: Pick<ThrottleStore, 'read'>,
  accountId: AccountId,
): Promise<readonly string[]> {
  const [members = []] = await store.read([lanesOf(accountId, '').networks]);
  return members.map(({ name }) => name);
}
