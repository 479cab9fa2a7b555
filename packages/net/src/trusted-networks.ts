/**
 * Networks in CIDR notation (RFC 4632 §3.1, RFC 4291 §2.3): whose word about the client's address
 * is believed. Checking an address takes a fraction of a microsecond.
 */
import { BlockList, isIP, isIPv4 } from 'node:net';
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
  /** IPv4 inside IPv6; connections show such addresses as IPv4. */
  | 'mapped-address'
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

/** `10.0.0.0/8`, `2001:db8::/32`, or one address by itself. */
export function parseNetwork(text: string): ParsedNetwork {
  const [address = '', prefix, ...more] = text.split('/');
  if (isIP(address) === 0 || address.includes('%')) return refuse('not-an-address');
  if (plainAddress(address) !== address) return refuse('mapped-address', plainAddress(address));
  const family = isIPv4(address) ? 'ipv4' : 'ipv6';
  const mostBits = family === 'ipv4' ? 32 : 128;
  const prefixBits = prefix === undefined ? mostBits : Number(prefix);
  const isPrefix = prefix === undefined || /^(?:0|[1-9]\d{0,2})$/.test(prefix);
  if (!isPrefix || prefixBits > mostBits || more.length > 0) return refuse('bad-prefix');
  if (prefixBits === 0) return refuse('everybody');
  const first = firstAddress(address, prefixBits, family);
  if (first !== canonicalAddress(address, family)) {
    return refuse('bits-behind-prefix', `${first}/${prefixBits}`);
  }
  return { ok: true, network: { address: first, prefixBits, family } };
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
  const plain = plainAddress(address).replace(/%.*$/, '');
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
  readonly #list: BlockList = new BlockList();

  /** @throws TypeError for a text that `parseNetwork` refuses: configuration checks before. */
  constructor(networks: readonly string[]) {
    for (const text of networks) {
      const parsed = parseNetwork(text);
      if (!parsed.ok) throw new TypeError(`not a network: ${text}`);
      const { address, prefixBits, family } = parsed.network;
      this.#list.addSubnet(address, prefixBits, family);
    }
  }

  /** @param address As in an `Endpoint`; what is no address is not trusted. */
  has(address: string): boolean {
    const version = isIP(address);
    return version !== 0 && this.#list.check(address, version === 4 ? 'ipv4' : 'ipv6');
  }
}

/** Whether an address is in one of these networks; see `TrustedNetworks`. */
export function createNetworkTest(networks: readonly string[]): (address: string) => boolean {
  const list = new TrustedNetworks(networks);
  return (address) => list.has(address);
}
