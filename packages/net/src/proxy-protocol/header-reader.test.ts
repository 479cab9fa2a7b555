import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { crc32c } from './crc32c.ts';
import { formatProxyHeader } from './format-header.ts';
import { MOST_HEADER_BYTES, ProxyHeaderReader, type ProxyHeaderReading } from './header-reader.ts';
import type { ProxyHeader } from './proxy-header.ts';
import { anyHeader } from './testing/any-header.ts';

const SIGNATURE = '\r\n\r\n\0\r\nQUIT\n';
const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');

/** A version 2 header by hand: what `formatProxyHeader` would never write. */
function version2(command: number, family: number, body: string, byteCount?: number): Buffer {
  const length = byteCount ?? body.length;
  const fixed = [command, family, length >> 8, length & 0xff];
  return Buffer.concat([latin1(SIGNATURE), Buffer.from(fixed), latin1(body)]);
}

function read(octets: Uint8Array): ProxyHeaderReading {
  return new ProxyHeaderReader().push(octets);
}

/** One octet at a time; what comes behind the header is added to `rest`. */
function readSlowly(octets: Uint8Array): ProxyHeaderReading {
  const reader = new ProxyHeaderReader();
  for (const [index, octet] of octets.entries()) {
    const reading = reader.push(Uint8Array.of(octet));
    if (reading.kind === 'need-more') continue;
    const later = octets.subarray(index + 1);
    if (reading.kind === 'header') return { ...reading, rest: later };
    if (reading.kind === 'malformed') return reading;
    return { ...reading, octets: Buffer.concat([reading.octets, later]) };
  }
  return { kind: 'need-more' };
}

const IPV4 = '\xc0\x00\x02\x01\xc6\x33\x64\x07\xdc\x04\x03\xe1';
const TCP4_ENDS = {
  family: 'ipv4',
  transport: 'stream',
  source: { address: '192.0.2.1', port: 56_324 },
  destination: { address: '198.51.100.7', port: 993 },
} as const;

describe('ProxyHeaderReader version 1 (§2.1)', () => {
  test.each<[string, unknown]>([
    ['PROXY TCP4 192.0.2.1 198.51.100.7 56324 993\r\n', TCP4_ENDS],
    [
      'PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n',
      { source: { address: '255.255.255.255', port: 65_535 } },
    ],
    [
      'PROXY TCP6 2001:DB8::0001 2001:db8:0:0:1:0:0:1 0 1\r\n',
      {
        family: 'ipv6',
        source: { address: '2001:db8::1', port: 0 },
        destination: { address: '2001:db8::1:0:0:1', port: 1 },
      },
    ],
    [
      'PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n',
      { source: { port: 65_535 } },
    ],
    [
      'PROXY TCP6 ::ffff:192.0.2.1 ::1 1 2\r\n',
      { source: { address: '::ffff:192.0.2.1', port: 1 } },
    ],
    ['PROXY UNKNOWN\r\n', undefined],
    ['PROXY UNKNOWN whatever  is here, 99999\r\n', undefined],
    [`PROXY UNKNOWN ${'f'.repeat(91)}\r\n`, undefined],
  ])('reads %j', (line, ends) => {
    const reading = read(latin1(`${line}a1 NOOP\r\n`));
    expect(reading).toMatchObject({
      kind: 'header',
      header: { version: 1, command: 'proxy', ends, extras: {} },
      rest: latin1('a1 NOOP\r\n'),
    });
    expect(readSlowly(latin1(`${line}a1 NOOP\r\n`))).toEqual(reading);
  });

  test.each([
    ['PROXY TCP4 192.0.2.1 198.51.100.7 56324 993\n', 'bad-line-end'],
    ['PROXY TCP4 192.0.2.1 198.51.100.7 56324 993\r ', 'bad-line-end'],
    ['PROXY TCP4 192.0.2.1\r198.51.100.7 56324 993\r\n', 'bad-line-end'],
    ['PROXY UNKNOWN x\ny\r\n', 'bad-line-end'],
    [`PROXY UNKNOWN ${'f'.repeat(92)}\r\n`, 'line-too-long'],
    [`PROXY ${'f'.repeat(200)}`, 'line-too-long'],
    ['PROXY TCP5 192.0.2.1 198.51.100.7 56324 993\r\n', 'bad-family'],
    ['PROXY tcp4 192.0.2.1 198.51.100.7 56324 993\r\n', 'bad-family'],
    ['PROXY UNKNOWNX\r\n', 'bad-family'],
    ['PROXY UDP4 192.0.2.1 198.51.100.7 56324 993\r\n', 'bad-family'],
    ['PROXY \r\n', 'bad-family'],
    ['PROXY  TCP4 192.0.2.1 198.51.100.7 56324 993\r\n', 'bad-family'],
    ['PROXY TCP4  192.0.2.1 198.51.100.7 56324 993\r\n', 'bad-field-count'],
    ['PROXY TCP4 192.0.2.1 198.51.100.7 56324 993 \r\n', 'bad-field-count'],
    ['PROXY TCP4 192.0.2.1 198.51.100.7 56324\r\n', 'bad-field-count'],
    ['PROXY TCP4\r\n', 'bad-field-count'],
    ['PROXY TCP4 192.0.2.01 198.51.100.7 56324 993\r\n', 'bad-address'],
    ['PROXY TCP4 192.0.2 198.51.100.7 56324 993\r\n', 'bad-address'],
    ['PROXY TCP4 192.0.2.1 198.51.100.256 56324 993\r\n', 'bad-address'],
    ['PROXY TCP4 ::1 ::1 56324 993\r\n', 'bad-address'],
    ['PROXY TCP6 192.0.2.1 198.51.100.7 56324 993\r\n', 'bad-address'],
    ['PROXY TCP6 fe80::1%eth0 ::1 56324 993\r\n', 'bad-address'],
    ['PROXY TCP6 1::2::3 ::1 56324 993\r\n', 'bad-address'],
    ['PROXY TCP4 192.0.2.1 198.51.100.7 056324 993\r\n', 'bad-port'],
    ['PROXY TCP4 192.0.2.1 198.51.100.7 56324 65536\r\n', 'bad-port'],
    ['PROXY TCP4 192.0.2.1 198.51.100.7 -1 993\r\n', 'bad-port'],
    ['PROXY TCP4 192.0.2.1 198.51.100.7 1e3 993\r\n', 'bad-port'],
  ])('refuses %j: %s', (line, fault) => {
    expect(read(latin1(line))).toEqual({ kind: 'malformed', fault });
    expect(readSlowly(latin1(line))).toEqual({ kind: 'malformed', fault });
  });
});

describe('ProxyHeaderReader version 2 (§2.2)', () => {
  const V6 = `${'\0'.repeat(15)}\x01${'\x20\x01\x0d\xb8'}${'\0'.repeat(11)}\x02\x00\x19\x00\x8f`;
  const UNIX = `/run/client${'\0'.repeat(97)}\0abstract${'\0'.repeat(99)}`;

  test.each<[string, Buffer, unknown]>([
    ['TCP over IPv4', version2(0x21, 0x11, IPV4), { command: 'proxy', ends: TCP4_ENDS }],
    [
      'UDP over IPv4',
      version2(0x21, 0x12, IPV4),
      { ends: { ...TCP4_ENDS, transport: 'datagram' } },
    ],
    [
      'TCP over IPv6',
      version2(0x21, 0x21, V6),
      {
        ends: {
          family: 'ipv6',
          source: { address: '::1', port: 25 },
          destination: { address: '2001:db8::2', port: 143 },
        },
      },
    ],
    [
      'Unix sockets',
      version2(0x21, 0x31, UNIX),
      {
        ends: {
          family: 'unix',
          transport: 'stream',
          sourcePath: '/run/client',
          destinationPath: '\0abstract',
        },
      },
    ],
    ['LOCAL', version2(0x20, 0x00, ''), { command: 'local', ends: undefined }],
    ['LOCAL with a block', version2(0x20, 0xff, 'not TLVs'), { command: 'local', ends: undefined }],
    ['UNSPEC', version2(0x21, 0x00, ''), { command: 'proxy', ends: undefined }],
    ['UNSPEC with a block', version2(0x21, 0x00, 'not TLVs'), { ends: undefined, extras: {} }],
    ['an unspecified transport', version2(0x21, 0x10, IPV4), { ends: undefined, extras: {} }],
    ['an unspecified family', version2(0x21, 0x01, IPV4), { ends: undefined, extras: {} }],
    [
      'vectors',
      version2(
        0x21,
        0x11,
        `${IPV4}\x01\x00\x04imap\x02\x00\x0cmail.example\x04\x00\x02..\x05\x00\x03id!\x30\x00\x02ns`,
      ),
      {
        extras: {
          alpn: 'imap',
          authority: 'mail.example',
          uniqueId: Uint8Array.of(105, 100, 33),
          networkNamespace: 'ns',
        },
      },
    ],
    ['vectors that nobody knows', version2(0x21, 0x11, `${IPV4}\xe0\x00\x01x\xff\0\0`), {}],
    [
      'TLS facts',
      version2(
        0x21,
        0x11,
        `${IPV4}\x20\x00\x23\x07\0\0\0\0\x21\x00\x07TLSv1.3\x23\x00\x04AES!\x22\x00\x05anna\x7f\x99\x00\x02??`,
      ),
      {
        extras: {
          tls: {
            isEncrypted: true,
            hasCertificate: true,
            hasSessionCertificate: true,
            verifyResult: 0,
            version: 'TLSv1.3',
            cipher: 'AES!',
            commonName: 'anna\x7f',
          },
        },
      },
    ],
    [
      'a client certificate that was not verified',
      version2(0x21, 0x11, `${IPV4}\x20\x00\x0a\x01\0\0\x01\x02\x28\x00\x02\x30\x00`),
      { extras: { tls: { verifyResult: 258, certificate: Uint8Array.of(0x30, 0) } } },
    ],
  ])('reads %s', (_, octets, header) => {
    const whole = Buffer.concat([octets, latin1('\x16\x03rest')]);
    const reading = read(whole);
    expect(reading).toMatchObject({ kind: 'header', header, rest: latin1('\x16\x03rest') });
    expect(readSlowly(whole)).toEqual(reading);
  });

  const withChecksum = formatProxyHeader(
    { version: 2, command: 'proxy', ends: TCP4_ENDS, extras: { authority: 'mail.example' } },
    { hasChecksum: true },
  );
  const damaged = (at: number): Buffer => {
    const copy = Buffer.from(withChecksum);
    copy[at] = (copy[at] ?? 0) ^ 1;
    return copy;
  };

  test.each([
    ['version 1 in binary', version2(0x11, 0x11, IPV4), 'bad-version'],
    ['version 3', version2(0x31, 0x11, IPV4), 'bad-version'],
    ['an unassigned command', version2(0x22, 0x11, IPV4), 'bad-command'],
    ['an unassigned family', version2(0x21, 0x41, IPV4), 'bad-family'],
    ['an unassigned transport', version2(0x21, 0x13, IPV4), 'bad-transport'],
    ['addresses cut short', version2(0x21, 0x11, IPV4.slice(1)), 'address-cut-short'],
    ['no addresses', version2(0x21, 0x21, ''), 'address-cut-short'],
    ['IPv4 addresses as Unix paths', version2(0x21, 0x31, IPV4), 'address-cut-short'],
    ['a vector without its length', version2(0x21, 0x11, `${IPV4}\x01\x00`), 'vector-cut-short'],
    ['a vector cut short', version2(0x21, 0x11, `${IPV4}\x01\x00\x05imap`), 'vector-cut-short'],
    ['TLS cut short', version2(0x21, 0x11, `${IPV4}\x20\x00\x04\x01\0\0\0`), 'bad-vector'],
    [
      'a vector inside TLS cut short',
      version2(0x21, 0x11, `${IPV4}\x20\x00\x08\x01\0\0\0\0\x21\x00\x01`),
      'vector-cut-short',
    ],
    [
      'a TLS version that is no text',
      version2(0x21, 0x11, `${IPV4}\x20\x00\x09\x01\0\0\0\0\x21\x00\x01\n`),
      'bad-vector',
    ],
    ['a name that is not UTF-8', version2(0x21, 0x11, `${IPV4}\x02\x00\x01\xff`), 'bad-vector'],
    [
      'an identifier that is too long',
      version2(0x21, 0x11, `${IPV4}\x05\x00\x81${'x'.repeat(129)}`),
      'bad-vector',
    ],
    ['a checksum of 3 octets', version2(0x21, 0x11, `${IPV4}\x03\x00\x03abc`), 'bad-vector'],
    ['a wrong checksum', version2(0x21, 0x11, `${IPV4}\x03\x00\x04abcd`), 'bad-checksum'],
    ['a damaged address', damaged(17), 'bad-checksum'],
    ['a damaged name', damaged(34), 'bad-checksum'],
    ['more than the limit', version2(0x21, 0x11, '', MOST_HEADER_BYTES), 'header-too-long'],
  ])('refuses %s', (_, octets, fault) => {
    expect(read(octets)).toEqual({ kind: 'malformed', fault });
    expect(readSlowly(octets)).toEqual({ kind: 'malformed', fault });
  });

  test('takes a header as long as the limit', () => {
    const padding = MOST_HEADER_BYTES - 16 - 12 - 3;
    const noop = `\x04${String.fromCharCode(padding >> 8, padding & 0xff)}${'x'.repeat(padding)}`;
    expect(read(version2(0x21, 0x11, IPV4 + noop)).kind).toBe('header');
  });
});

describe('ProxyHeaderReader without a header', () => {
  test.each([
    'a1 LOGIN anna secret\r\n',
    'PROXYTCP4 192.0.2.1',
    'PROXYING',
    '\x16\x03\x01\x02\x00\x01',
    '\r\n',
    '\r\n\r\n\0\r\nQUIT\r',
    'Q',
  ])('gives %j back whole', (text) => {
    const expected = text === '\r\n' ? 'need-more' : 'no-header';
    for (const reading of [read(latin1(text)), readSlowly(latin1(text))]) {
      expect(reading.kind).toBe(expected);
      if (reading.kind === 'no-header') expect(Buffer.from(reading.octets)).toEqual(latin1(text));
    }
  });

  test.each(['', 'P', 'PROXY', '\r\n\r\n\0', SIGNATURE, `${SIGNATURE}\x21\x11\x00`])(
    'waits for more after %j',
    (text) => {
      const reader = new ProxyHeaderReader();
      expect(reader.push(latin1(text)).kind).toBe('need-more');
      expect(reader.heldByteCount).toBe(text.length);
    },
  );
});

test('ProxyHeaderReader hands out what follows as a view, not as a copy', () => {
  const chunk = Buffer.concat([version2(0x21, 0x11, IPV4), latin1('x'.repeat(1_000))]);
  const reading = read(chunk);
  if (reading.kind !== 'header') return expect.unreachable();
  expect(reading.rest.buffer).toBe(chunk.buffer);
  expect(reading.rest.byteOffset).toBe(chunk.byteOffset + 28);
  return undefined;
});

test('ProxyHeaderReader keeps no view of what it was given', () => {
  const octets = version2(0x21, 0x11, IPV4);
  const reader = new ProxyHeaderReader();
  const first = Buffer.from(octets.subarray(0, 20));
  reader.push(first);
  first.fill(0);
  expect(reader.push(octets.subarray(20))).toMatchObject({ kind: 'header' });
});

describe('ProxyHeaderReader properties', () => {
  test('reads what formatProxyHeader() writes, whole, slowly and in any split', () => {
    fc.assert(
      fc.property(
        anyHeader,
        fc.boolean(),
        fc.uint8Array({ maxLength: 40 }),
        fc.nat(),
        (header: ProxyHeader, hasChecksum, rest, seed) => {
          const octets = Buffer.concat([formatProxyHeader(header, { hasChecksum }), rest]);
          const expected = { kind: 'header', header, rest };
          const reading = read(octets);
          expect(plain(reading)).toEqual(expected);
          expect(plain(readSlowly(octets))).toEqual(expected);
          const at = seed % (octets.length + 1);
          const reader = new ProxyHeaderReader();
          const half = reader.push(octets.subarray(0, at));
          if (half.kind !== 'need-more') return;
          expect(plain(reader.push(octets.subarray(at)))).toEqual(expected);
        },
      ),
    );
  });

  test('takes any octets without a fault of its own, and holds no more than the limit', () => {
    const beginning = fc.constantFrom(
      '',
      'PROXY ',
      'PROXY TCP4 ',
      SIGNATURE,
      `${SIGNATURE}\x21\x11`,
    );
    fc.assert(
      fc.property(beginning, fc.array(fc.uint8Array({ maxLength: 600 })), (text, chunks) => {
        const reader = new ProxyHeaderReader();
        let reading = reader.push(latin1(text));
        for (const chunk of chunks) {
          if (reading.kind !== 'need-more') break;
          expect(reader.heldByteCount).toBeLessThanOrEqual(MOST_HEADER_BYTES);
          reading = reader.push(chunk);
        }
      }),
    );
  });

  test('comes to the same end however damaged octets are split', () => {
    fc.assert(
      fc.property(anyHeader, fc.nat(), fc.nat({ max: 255 }), (header, place, octet) => {
        const octets = formatProxyHeader(header, { hasChecksum: true });
        octets[place % octets.length] = octet;
        const whole = read(octets);
        const slow = readSlowly(octets);
        expect(slow.kind).toBe(whole.kind);
        if (slow.kind === 'malformed') expect(slow).toEqual(whole);
      }),
    );
  });
});

/** Buffers as the plain arrays that the properties made. */
function plain(reading: ProxyHeaderReading): unknown {
  if (reading.kind !== 'header') return reading;
  return { ...reading, rest: Uint8Array.from(reading.rest) };
}

test.each([
  // RFC 3720 §B.4.
  [Buffer.alloc(32), 0x8a91_36aa],
  [Buffer.alloc(32, 0xff), 0x62a8_ab43],
  [Buffer.from(Array.from({ length: 32 }, (_, index) => index)), 0x46dd_794e],
  [latin1('123456789'), 0xe306_9283],
])('crc32c(%j) is the published value', (octets, checksum) => {
  expect(crc32c(octets)).toBe(checksum);
  expect(crc32c(octets.subarray(5), crc32c(octets.subarray(0, 5)))).toBe(checksum);
});

describe('formatProxyHeader()', () => {
  test('says UNKNOWN in version 1 for what it cannot name', () => {
    const ends = {
      family: 'unix',
      transport: 'stream',
      sourcePath: 'a',
      destinationPath: 'b',
    } as const;
    const header = { version: 1, command: 'proxy', ends, extras: {} } as const;
    expect(formatProxyHeader(header).toString()).toBe('PROXY UNKNOWN\r\n');
  });

  test('writes LOCAL without a block', () => {
    const header = { version: 2, command: 'local', ends: undefined, extras: {} } as const;
    expect(formatProxyHeader(header)).toEqual(version2(0x20, 0x00, ''));
  });

  test('throws on addresses of another family', () => {
    const ends = { ...TCP4_ENDS, family: 'ipv6' } as const;
    expect(() => formatProxyHeader({ version: 2, command: 'proxy', ends, extras: {} })).toThrow(
      TypeError,
    );
  });
});
