/**
 * Version 1, the line for people: `PROXY TCP4 192.0.2.1 198.51.100.7 56324 993` CRLF
 * (specification §2.1).
 */
import { isIPv4, isIPv6 } from 'node:net';
import type { Endpoint } from '../peer-facts.ts';
import { canonicalAddress, type IpFamily } from './address-octets.ts';
import { NO_EXTRAS, type ProxyHeader, ProxyHeaderError } from './proxy-header.ts';

/** What every line begins with. */
export const VERSION_1_SIGNATURE: Buffer = Buffer.from('PROXY ', 'latin1');

/** The longest line with its CRLF: UNKNOWN with two IPv6 addresses. */
const MOST_LINE_BYTES = 107;
const CR = 13;
const LF = 10;
const PORT = /^(?:0|[1-9]\d{0,4})$/;
const FAMILIES: ReadonlyMap<string, IpFamily> = new Map([
  ['TCP4', 'ipv4'],
  ['TCP6', 'ipv6'],
]);

/** @returns Octets of the line with its CRLF, or nothing while that is not there. Throws. */
export function findLineEnd(octets: Buffer): number | undefined {
  const line = octets.subarray(0, MOST_LINE_BYTES);
  const lf = line.indexOf(LF);
  const cr = line.indexOf(CR);
  const hasLoneCr = cr !== -1 && cr + 1 < line.length && line[cr + 1] !== LF;
  const hasLoneLf = lf !== -1 && cr !== lf - 1;
  if (hasLoneCr || hasLoneLf) throw new ProxyHeaderError('bad-line-end');
  if (lf !== -1) return lf + 1;
  if (line.length === MOST_LINE_BYTES) throw new ProxyHeaderError('line-too-long');
  return undefined;
}

/** @param line With its CRLF. Throws ProxyHeaderError. */
export function parseVersion1(line: Buffer): ProxyHeader {
  const fields = line.toString('latin1', 0, line.length - 2).split(' ');
  const [, protocol = '', source = '', destination = '', sourcePort = '', destinationPort = ''] =
    fields;
  // What follows UNKNOWN is to be ignored, whatever it is.
  if (protocol === 'UNKNOWN') return headerOf(undefined);
  const family = FAMILIES.get(protocol);
  if (family === undefined) throw new ProxyHeaderError('bad-family');
  if (fields.length !== 6) throw new ProxyHeaderError('bad-field-count');
  return headerOf({
    family,
    transport: 'stream',
    source: parseEndpoint(source, sourcePort, family),
    destination: parseEndpoint(destination, destinationPort, family),
  });
}

/** Ends that version 1 cannot name become UNKNOWN. */
export function formatVersion1({ ends }: ProxyHeader): Buffer {
  if (ends === undefined || ends.family === 'unix' || ends.transport !== 'stream') {
    return Buffer.from('PROXY UNKNOWN\r\n', 'latin1');
  }
  const { family, source, destination } = ends;
  const protocol = family === 'ipv4' ? 'TCP4' : 'TCP6';
  const addresses = `${source.address} ${destination.address}`;
  return Buffer.from(
    `PROXY ${protocol} ${addresses} ${source.port} ${destination.port}\r\n`,
    'latin1',
  );
}

function headerOf(ends: ProxyHeader['ends']): ProxyHeader {
  return { version: 1, command: 'proxy', ends, extras: NO_EXTRAS };
}

function parseEndpoint(address: string, port: string, family: IpFamily): Endpoint {
  // A zone (`%eth0`) means nothing on another host. Deviation: `::ffff:192.0.2.1` is not four
  // hexadecimal digits throughout, but what inet_ntop writes, and so HAProxy.
  const isAddress = family === 'ipv4' ? isIPv4(address) : isIPv6(address) && !address.includes('%');
  if (!isAddress) throw new ProxyHeaderError('bad-address');
  if (!PORT.test(port) || Number(port) > 65_535) throw new ProxyHeaderError('bad-port');
  return { address: canonicalAddress(address, family), port: Number(port) };
}
