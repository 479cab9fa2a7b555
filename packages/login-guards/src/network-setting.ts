/** A live setting that is a list of networks: made ready for looking up when it is another one. */
import { createNetworkTest } from '@homeward/net';

export interface NetworkSetting {
  /** @param networks The setting as it is now; the same list is the same object. */
  has(networks: readonly string[], address: string): boolean;
}

/** One for each setting. */
export function createNetworkSetting(): NetworkSetting {
  let from: readonly string[] = [];
  let isIn: (address: string) => boolean = () => false;
  return {
    has(networks, address) {
      if (networks !== from) {
        from = networks;
        isIn = networks.length === 0 ? () => false : createNetworkTest(networks);
      }
      return isIn(address);
    },
  };
}
