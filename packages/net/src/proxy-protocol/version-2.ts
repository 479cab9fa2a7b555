/**
 * Version 2, the binary header: a signature, version and command, family and transport, a length,
 * then addresses and vectors (specification §2.2).
 */
import { isIPv4, isIPv6 } from 'node:net';
import { ADDRESS_BYTES, addressOctets, readAddress } from './address-octets.ts';
import { emptyChecksum, fillChecksum, formatExtras, parseExtras } from './extras.ts';
import {
  NO_EXTRAS,
  type ProxiedEnds,
  type ProxiedTransport,
  type ProxyHeader,
  ProxyHeaderError,
} from './proxy-header.ts';

/** `\r\n\r\n\0\r\nQUIT\n`: what no other protocol begins with. */
export const VERSION_2_SIGNATURE: Buffer = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');

/** Signature, command, family, length. */
export const FIXED_BYTES = 16;
const COMMAND_AT = 12;
const FAMILY_AT = 13;
const LENGTH_AT = 14;
const VERSION = 2;
const LOCAL = 0;
const PROXY = 1;
const UNIX_PATH_BYTES = 108;
const FAMILIES = ['unspecified', 'ipv4', 'ipv6', 'unix'] as const;
const TRANSPORTS = ['unspecified', 'stream', 'datagram'] as const;

/**
 * Checks the fixed part as soon as it is there.
 *
 * @returns Octets of the whole header, or nothing while the fixed part is not there. Throws.
 */
export function findHeaderEnd(octets: Buffer, mostBytes: number): number | undefined {
  if (octets.length > COMMAND_AT) {
    const command = octets.readUInt8(COMMAND_AT);
    if (command >> 4 !== VERSION) throw new ProxyHeaderError('bad-version');
    if ((command & 0x0f) > PROXY) throw new ProxyHeaderError('bad-command');
  }
  if (octets.length < FIXED_BYTES) return undefined;
  const byteCount = FIXED_BYTES + octets.readUInt16BE(LENGTH_AT);
  if (byteCount > mostBytes) throw new ProxyHeaderError('header-too-long');
  return byteCount;
}

/** @param header Whole, its fixed part checked by `findHeaderEnd`. Throws ProxyHeaderError. */
export function parseVersion2(header: Buffer): ProxyHeader {
  // "The receiver must … discard the protocol block including the family": not even looked at.
  if ((header.readUInt8(COMMAND_AT) & 0x0f) === LOCAL) {
    return { version: 2, command: 'local', ends: undefined, extras: NO_EXTRAS };
  }
  const familyOctet = header.readUInt8(FAMILY_AT);
  const family = FAMILIES[familyOctet >> 4];
  const transport = TRANSPORTS[familyOctet & 0x0f];
  if (family === undefined) throw new ProxyHeaderError('bad-family');
  if (transport === undefined) throw new ProxyHeaderError('bad-transport');
  // How long the addresses are that may be there is anybody's guess, and so what follows them.
  if (family === 'unspecified' || transport === 'unspecified') {
    return { version: 2, command: 'proxy', ends: undefined, extras: NO_EXTRAS };
  }
  const addressBytes = 2 * (family === 'unix' ? UNIX_PATH_BYTES : ADDRESS_BYTES[family] + 2);
  const extrasAt = FIXED_BYTES + addressBytes;
  if (extrasAt > header.length) throw new ProxyHeaderError('address-cut-short');
  const ends = readEnds(header, family, transport);
  return { version: 2, command: 'proxy', ends, extras: parseExtras(header, extrasAt) };
}

function readEnds(
  header: Buffer,
  family: ProxiedEnds['family'],
  transport: ProxiedTransport,
): ProxiedEnds {
  if (family === 'unix') {
    const sourcePath = readPath(header, FIXED_BYTES);
    const destinationPath = readPath(header, FIXED_BYTES + UNIX_PATH_BYTES);
    return { family, transport, sourcePath, destinationPath };
  }
  const addressBytes = ADDRESS_BYTES[family];
  const portsAt = FIXED_BYTES + 2 * addressBytes;
  return {
    family,
    transport,
    source: {
      address: readAddress(header, FIXED_BYTES, family),
      port: header.readUInt16BE(portsAt),
    },
    destination: {
      address: readAddress(header, FIXED_BYTES + addressBytes, family),
      port: header.readUInt16BE(portsAt + 2),
    },
  };
}

function readPath(header: Buffer, offset: number): string {
  return header.toString('latin1', offset, offset + UNIX_PATH_BYTES).replace(/\0+$/, '');
}

/**
 * @param hasChecksum Whether to add a CRC32C vector.
 * @throws TypeError for ends that are not of their family: a bug of the caller.
 */
export function formatVersion2(header: ProxyHeader, hasChecksum: boolean): Buffer {
  const { command, ends, extras } = header;
  const fixed = Buffer.alloc(FIXED_BYTES);
  VERSION_2_SIGNATURE.copy(fixed);
  fixed.writeUInt8((VERSION << 4) | (command === 'local' ? LOCAL : PROXY), COMMAND_AT);
  if (command === 'local' || ends === undefined) return fixed;
  const familyOctet = (FAMILIES.indexOf(ends.family) << 4) | TRANSPORTS.indexOf(ends.transport);
  fixed.writeUInt8(familyOctet, FAMILY_AT);
  const parts = [fixed, formatEnds(ends), formatExtras(extras)];
  if (hasChecksum) parts.push(emptyChecksum());
  const octets = Buffer.concat(parts);
  octets.writeUInt16BE(octets.length - FIXED_BYTES, LENGTH_AT);
  if (hasChecksum) fillChecksum(octets);
  return octets;
}

function formatEnds(ends: ProxiedEnds): Buffer {
  if (ends.family === 'unix') {
    const paths = Buffer.alloc(2 * UNIX_PATH_BYTES);
    paths.write(ends.sourcePath, 0, UNIX_PATH_BYTES, 'latin1');
    paths.write(ends.destinationPath, UNIX_PATH_BYTES, UNIX_PATH_BYTES, 'latin1');
    return paths;
  }
  const { family, source, destination } = ends;
  const isOfFamily = family === 'ipv4' ? isIPv4 : isIPv6;
  if (!isOfFamily(source.address) || !isOfFamily(destination.address)) {
    throw new TypeError(`these are not ${family} addresses`);
  }
  const ports = Buffer.alloc(4);
  ports.writeUInt16BE(source.port, 0);
  ports.writeUInt16BE(destination.port, 2);
  return Buffer.concat([
    addressOctets(source.address, family),
    addressOctets(destination.address, family),
    ports,
  ]);
}
