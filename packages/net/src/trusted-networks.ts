/**
 * Networks in CIDR notation (RFC 4632 §3.1, RFC 4291 §2.3): whose word about the client's address
 * is believed, and which clients a rule, a limit or an operator means. Checking an address takes
 * about a microsecond.
 *
 * IPv4 written as IPv6 (`::ffff:192.0.2.1`, RFC 4291 §2.5.5.2) is the IPv4 that it is, in networks
 * and in addresses, however it is spelled: `::ffff:10.0.0.0/104` is 10.0.0.0/8. So a network of IPv6
 * has no client that comes by IPv4 in it, not even `::/64`, which holds all mapped addresses.
 */
import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net';
import { plainAddress } from './peer-facts.ts';
import { addressOctets, canonicalAddress, readAddress } from './proxy-protocol/address-octets.ts';

export interface Network {
  /** Its first address. */
  readonly address: string;
  readonly prefixBits: number;
  readonly family: 'ipv4' | 'ipv6';
}

/** Why a text is no network that one can trust; closed list. */
export type NetworkFault =
  | 'not-an-address'
  | 'bad-prefix'
  /** Bits are set behind the prefix: probably another network is meant. */
  | 'bits-behind-prefix'
  /** A prefix of 0 bits. */
  | 'everybody';

export type ParsedNetwork =
  | { readonly ok: true; readonly network: Network }
  | {
      readonly ok: false;
      readonly reason: NetworkFault;
      /** What was probably meant. */
      readonly suggestion: string | undefined;
    };

/** The bits in front of the IPv4 address of a mapped one. */
const MAPPED_BITS = 96;

/** `10.0.0.0/8`, `2001:db8::/32`, or one address by itself. */
export function parseNetwork(text: string): ParsedNetwork {
  const [address = '', prefix, ...more] = text.split('/');
  if (isIP(address) === 0 || address.includes('%')) return refuse('not-an-address');
  const mostBits = isIPv4(address) ? 32 : 128;
  const prefixBits = prefix === undefined ? mostBits : Number(prefix);
  const isPrefix = prefix === undefined || /^(?:0|[1-9]\d{0,2})$/.test(prefix);
  if (!isPrefix || prefixBits > mostBits || more.length > 0) return refuse('bad-prefix');
  return checkNetwork(address, prefixBits);
}

/** Of an address and a prefix that fit each other. */
function checkNetwork(address: string, prefixBits: number): ParsedNetwork {
  const family = isIPv4(address) ? 'ipv4' : 'ipv6';
  const plain = canonicalPlain(address);
  if (family === 'ipv6' && isIPv4(plain) && prefixBits >= MAPPED_BITS) {
    return checkNetwork(plain, prefixBits - MAPPED_BITS);
  }
  if (prefixBits === 0) return refuse('everybody');
  const first = firstAddress(address, prefixBits, family);
  if (first !== canonicalAddress(address, family)) {
    return refuse('bits-behind-prefix', `${first}/${prefixBits}`);
  }
  return { ok: true, network: { address: first, prefixBits, family } };
}

/** IPv4 for every spelling of a mapped address; the one spelling of other IPv6, without a zone. */
function canonicalPlain(address: string): string {
  if (!isIPv6(address)) return address;
  return plainAddress(canonicalAddress(address.replace(/%.*$/, ''), 'ipv6'));
}

function refuse(reason: NetworkFault, suggestion?: string): ParsedNetwork {
  return { ok: false, reason, suggestion };
}

function firstAddress(address: string, prefixBits: number, family: Network['family']): string {
  const octets = addressOctets(address, family);
  for (const [index, octet] of octets.entries()) {
    const bits = Math.min(8, Math.max(0, prefixBits - 8 * index));
    octets[index] = octet & (0xff << (8 - bits));
  }
  return readAddress(octets, 0, family);
}

/**
 * The network that an address is in, for counting: `networkOf('192.0.2.7', { ipv4: 24, ipv6: 64 })`
 * is `192.0.2.0/24`.
 *
 * @returns What is no address, as it is.
 */
export function networkOf(
  address: string,
  prefixBits: Readonly<Record<Network['family'], number>>,
): string {
  const plain = canonicalPlain(address);
  const version = isIP(plain);
  if (version === 0) return address;
  if (version === 4) return `${firstIpv4(plain, prefixBits.ipv4)}/${prefixBits.ipv4}`;
  return `${firstAddress(plain, prefixBits.ipv6, 'ipv6')}/${prefixBits.ipv6}`;
}

/** As `firstAddress` says it; each login asks, and most come by IPv4. */
function firstIpv4(text: string, prefixBits: number): string {
  let value = 0;
  for (const octet of text.split('.')) value = value * 256 + Number(octet);
  value -= value % 2 ** (32 - prefixBits);
  return `${value >>> 24}.${(value >>> 16) & 0xff}.${(value >>> 8) & 0xff}.${value & 0xff}`;
}

export class TrustedNetworks {
  /** One for each family: a list of both takes IPv4 for the mapped address that it may be written as. */
  readonly #lists: Readonly<Record<Network['family'], BlockList>> = {
    ipv4: new BlockList(),
    ipv6: new BlockList(),
  };

  /** @throws TypeError for a text that `parseNetwork` refuses: configuration checks before. */
  constructor(networks: readonly string[]) {
    for (const text of networks) {
      const parsed = parseNetwork(text);
      if (!parsed.ok) throw new TypeError(`not a network: ${text}`);
      const { address, prefixBits, family } = parsed.network;
      this.#lists[family].addSubnet(address, prefixBits, family);
    }
  }

  /** @param address As in an `Endpoint`; what is no address is not trusted. */
  has(address: string): boolean {
    const plain = canonicalPlain(address);
    const version = isIP(plain);
    if (version === 0) return false;
    const family = version === 4 ? 'ipv4' : 'ipv6';
    return this.#lists[family].check(plain, family);
  }
}

/** Whether an address is in one of these networks; see `TrustedNetworks`. */
export function createNetworkTest(networks: readonly string[]): (address: string) => boolean {
  const list = new TrustedNetworks(networks);
  return (address) => list.has(address);
}
