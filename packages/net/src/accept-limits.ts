/**
 * How many connections may be open: in all, and from one address. One object may serve
 * several listeners, so that the limits hold for all ports of a service together; they can
 * be changed at any time and then hold for the next connection.
 */
import { countedNetwork } from './counted-network.ts';

export interface ConnectionLimits {
  /** Exchange: MaxConnections. */
  readonly total: number;
  /** Exchange: MaxConnectionFromSingleIP. What is one address: see `countedNetwork`. */
  readonly perAddress: number;
  /** Whether the second one does not hold for an address: a webmail's, whose users share it. */
  readonly isExempt?: ((address: string) => boolean) | undefined;
}

export class AcceptLimits {
  #limits: ConnectionLimits;
  #total = 0;
  readonly #perAddress: Map<string, number> = new Map();

  constructor(limits: ConnectionLimits = { total: Infinity, perAddress: Infinity }) {
    this.#limits = limits;
  }

  get connectionCount(): number {
    return this.#total;
  }

  get current(): ConnectionLimits {
    return this.#limits;
  }

  setLimits(limits: ConnectionLimits): void {
    this.#limits = limits;
  }

  /** Counts one more connection unless that would be too many. Release it when it closes. */
  claimConnection(): boolean {
    if (this.#total >= this.#limits.total) return false;
    this.#total += 1;
    return true;
  }

  releaseConnection(): void {
    this.#total -= 1;
  }

  /**
   * Counts one more from this address unless that would be too many.
   *
   * @returns As what it was counted, to be released when the connection closes.
   */
  claimAddress(address: string): string | undefined {
    const { perAddress, isExempt } = this.#limits;
    const network = countedNetwork(address);
    // What has no limit takes no place from its neighbours in a /64.
    const isApart = network !== address && isExempt?.(address) === true;
    const counted = isApart ? address : network;
    const count = this.#perAddress.get(counted) ?? 0;
    if (count >= perAddress && isExempt?.(address) !== true) return undefined;
    this.#perAddress.set(counted, count + 1);
    return counted;
  }

  /** @param counted What `claimAddress` gave. */
  releaseAddress(counted: string): void {
    const count = this.#perAddress.get(counted) ?? 0;
    if (count > 1) this.#perAddress.set(counted, count - 1);
    else this.#perAddress.delete(counted);
  }
}
