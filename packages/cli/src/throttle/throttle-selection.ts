/** Which of the throttle's lanes an operator means: all, those of an account, or of an address. */
import type { FailureLane } from '@homeward/directory';
import { createNetworkTest, parseNetwork, plainAddress } from '@homeward/net';
import { unknownAccount } from '../accounts/account-view.ts';
import { EXIT_CODES, OperatorError } from '../output/operator-error.ts';
import type { Deployment } from '../wiring.ts';

export interface ThrottleSelectionOptions {
  /** An account's address or one of its names. */
  readonly account?: string | undefined;
  /** An address, or a network, as lists show it. */
  readonly address?: string | undefined;
}

export interface ThrottleSelection {
  readonly account: { readonly id: string; readonly address: string } | undefined;
  readonly matches: (lane: FailureLane) => boolean;
}

/** @throws OperatorError if there is no such account, or the address is none. */
export async function selectThrottles(
  { accounts }: Pick<Deployment, 'accounts'>,
  { account: which, address }: ThrottleSelectionOptions,
): Promise<ThrottleSelection> {
  const account = which === undefined ? undefined : await accounts.find(which);
  if (which !== undefined && account === undefined) throw unknownAccount(which);
  const isInNetwork = address === undefined ? undefined : createLaneTest(address);
  return {
    account,
    matches: (lane) => {
      const subject = lane.kind === 'address' ? undefined : lane.subject;
      const network = lane.kind === 'account' ? undefined : lane.network;
      if (account !== undefined && subject !== account.id) return false;
      return isInNetwork === undefined || (network !== undefined && isInNetwork(network));
    },
  };
}

/** Whether a lane's network has the address in it, or is in the network that was named. */
function createLaneTest(text: string): (network: string) => boolean {
  const typed = parseNetwork(plainAddress(text));
  if (!typed.ok) {
    throw new OperatorError(
      `${text} is no address and no network; write it like 203.0.113.5 or 2001:db8::/64`,
      EXIT_CODES.usage,
    );
  }
  const isNamed = createNetworkTest([text]);
  return (network) => {
    const parsed = parseNetwork(network);
    if (!parsed.ok) return false;
    return isNamed(parsed.network.address) || createNetworkTest([network])(typed.network.address);
  };
}
