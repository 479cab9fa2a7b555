/**
 * CRC32C, the checksum of PROXY protocol headers (RFC 4960 Appendix B; `node:zlib` only knows the
 * other CRC-32). For a few hundred octets once per connection: a table of 256 is enough.
 */
const REVERSED_POLYNOMIAL = 0x82f6_3b78;

const TABLE: Uint32Array = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) {
    value = (value & 1) === 1 ? (value >>> 1) ^ REVERSED_POLYNOMIAL : value >>> 1;
  }
  return value;
});

/**
 * @param before The checksum of what precedes these octets, to go on from there.
 * @returns Unsigned, 32 bits.
 */
export function crc32c(octets: Uint8Array, before: number = 0): number {
  let crc = ~before;
  for (const octet of octets) crc = (crc >>> 8) ^ (TABLE[(crc ^ octet) & 0xff] ?? 0);
  return ~crc >>> 0;
}
