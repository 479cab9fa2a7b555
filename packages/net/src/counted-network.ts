/**
 * As what a client is counted where "one address" has a limit. Somebody at home has one address of
 * IPv4, or a whole /64 of IPv6 (RFC 6177 §2: a site is given more than one; RFC 8981 §1: hosts in
 * it change theirs), so of IPv6 the /64 counts as one.
 */
import { networkOf } from './trusted-networks.ts';

const COUNTED_PREFIX_BITS = { ipv4: 32, ipv6: 64 } as const;

/**
 * `192.0.2.7` for itself and for `::ffff:192.0.2.7`, `2001:db8:1:2::/64` for `2001:db8:1:2::7`.
 *
 * @returns What is no address, as it is.
 */
export function countedNetwork(address: string): string {
  // An address of IPv4 has nothing behind its prefix: by far the most, and nothing to work out.
  if (!address.includes(':')) return address;
  const network = networkOf(address, COUNTED_PREFIX_BITS);
  return network.endsWith('/32') ? network.slice(0, -'/32'.length) : network;
}
