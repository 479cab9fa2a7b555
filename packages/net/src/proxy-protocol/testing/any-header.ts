/** Any header that can be written and read back, for properties. */
import fc from 'fast-check';
import { canonicalAddress, type IpFamily } from '../address-octets.ts';
import type { ProxiedEnds, ProxyExtras, ProxyHeader, ProxyTlsVector } from '../proxy-header.ts';

const port = fc.integer({ min: 0, max: 65_535 });
const transport = fc.constantFrom('stream' as const, 'datagram' as const);
const octets = fc.uint8Array({ maxLength: 128 });
const ascii = fc.string({ unit: 'binary-ascii', maxLength: 40 }).map(printable);
const name = fc.string({ unit: 'binary', maxLength: 40 }).map((text) => text.toWellFormed());

function printable(text: string): string {
  return text.replaceAll(/[^ -~]/g, '.');
}

function endpoints(family: IpFamily): fc.Arbitrary<ProxiedEnds> {
  const address =
    family === 'ipv4' ? fc.ipV4() : fc.ipV6().map((text) => canonicalAddress(text, family));
  const endpoint = fc.record({ address, port });
  return fc.record({
    family: fc.constant(family),
    transport,
    source: endpoint,
    destination: endpoint,
  });
}

// What ends in NUL cannot be told from padding.
const path = fc
  .uint8Array({ maxLength: 108 })
  .map((bytes) => Buffer.from(bytes).toString('latin1').replace(/\0+$/, ''));

const unixEnds: fc.Arbitrary<ProxiedEnds> = fc.record({
  family: fc.constant('unix' as const),
  transport,
  sourcePath: path,
  destinationPath: path,
});

const anyTls: fc.Arbitrary<ProxyTlsVector> = fc.record(
  {
    isEncrypted: fc.boolean(),
    hasCertificate: fc.boolean(),
    hasSessionCertificate: fc.boolean(),
    verifyResult: fc.nat({ max: 0xffff_ffff }),
    version: ascii,
    cipher: ascii,
    commonName: name,
    signatureAlgorithm: ascii,
    keyAlgorithm: ascii,
    group: ascii,
    signatureScheme: ascii,
    certificate: octets,
  },
  { requiredKeys: ['isEncrypted', 'hasCertificate', 'hasSessionCertificate', 'verifyResult'] },
);

const anyExtras: fc.Arbitrary<ProxyExtras> = fc.record(
  {
    alpn: octets.map((bytes) => Buffer.from(bytes).toString('latin1')),
    authority: name,
    uniqueId: octets,
    tls: anyTls,
    networkNamespace: name,
    hopsLeft: fc.integer({ min: 0, max: 255 }),
  },
  { requiredKeys: [] },
);

const version1: fc.Arbitrary<ProxyHeader> = fc
  .option(fc.oneof(endpoints('ipv4'), endpoints('ipv6')), { nil: undefined })
  .map((ends) => ({
    version: 1,
    command: 'proxy',
    ends: ends && { ...ends, transport: 'stream' },
    extras: {},
  }));

const version2: fc.Arbitrary<ProxyHeader> = fc
  .record({ ends: fc.oneof(endpoints('ipv4'), endpoints('ipv6'), unixEnds), extras: anyExtras })
  .map(({ ends, extras }) => ({ version: 2, command: 'proxy', ends, extras }));

const withoutEnds: fc.Arbitrary<ProxyHeader> = fc
  .constantFrom('proxy' as const, 'local' as const)
  .map((command) => ({ version: 2, command, ends: undefined, extras: {} }));

export const anyHeader: fc.Arbitrary<ProxyHeader> = fc.oneof(version1, version2, withoutEnds);
