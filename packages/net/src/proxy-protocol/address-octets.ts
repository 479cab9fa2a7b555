/** IP addresses between their text and their octets in network order. */
import { isIPv4, SocketAddress } from 'node:net';

export type IpFamily = 'ipv4' | 'ipv6';

export const ADDRESS_BYTES: Readonly<Record<IpFamily, number>> = { ipv4: 4, ipv6: 16 };

/**
 * The one spelling of an address that the system uses too (RFC 5952), so that one client is one
 * text in limits and logs. The text must be an address of the family.
 */
export function canonicalAddress(text: string, family: IpFamily): string {
  return family === 'ipv4' ? text : new SocketAddress({ address: text, family }).address;
}

/** The address at this place. */
export function readAddress(octets: Buffer, offset: number, family: IpFamily): string {
  if (family === 'ipv4') return octets.subarray(offset, offset + 4).join('.');
  const groups: string[] = [];
  for (let at = offset; at < offset + 16; at += 2)
    groups.push(octets.readUInt16BE(at).toString(16));
  return canonicalAddress(groups.join(':'), 'ipv6');
}

/** The octets of an address of the family. */
export function addressOctets(text: string, family: IpFamily): Buffer {
  return family === 'ipv4' ? ipv4Octets(text) : ipv6Octets(text);
}

function ipv4Octets(text: string): Buffer {
  return Buffer.from(text.split('.').map(Number));
}

function ipv6Octets(text: string): Buffer {
  const [head = '', tail] = text.split('::');
  const before = groupOctets(head);
  const after = tail === undefined ? Buffer.alloc(0) : groupOctets(tail);
  return Buffer.concat([before, Buffer.alloc(16 - before.length - after.length), after]);
}

function groupOctets(text: string): Buffer {
  if (text === '') return Buffer.alloc(0);
  const groups = text.split(':').map((group) => {
    if (isIPv4(group)) return ipv4Octets(group);
    const value = Number.parseInt(group, 16);
    return Buffer.from([value >> 8, value & 0xff]);
  });
  return Buffer.concat(groups);
}
