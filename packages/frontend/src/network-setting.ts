/** A live setting that is a list of networks: made ready for looking up when it is another one. */
import { createNetworkTest } from '@homeward/net';

export class NetworkSetting {
  #from: readonly string[] = [];
  #isIn: (address: string) => boolean = () => false;

  /** @param networks The setting as it is now; the same list is the same object. */
  has(networks: readonly string[], address: string): boolean {
    if (networks !== this.#from) {
      this.#from = networks;
      this.#isIn = networks.length === 0 ? () => false : createNetworkTest(networks);
    }
    return this.#isIn(address);
  }
}
