/** The vectors behind the addresses of a version 2 header (specification §2.2.1 to §2.2.8). */
import { crc32c } from './crc32c.ts';
import { type ProxyExtras, ProxyHeaderError } from './proxy-header.ts';
import { formatTlsVector, parseTlsVector } from './tls-vector.ts';
import { formatVector, readVectors, textOf } from './vector.ts';

const TYPE = {
  alpn: 0x01,
  authority: 0x02,
  checksum: 0x03,
  uniqueId: 0x05,
  tls: 0x20,
  networkNamespace: 0x30,
  hopsLeft: 0xe5,
} as const;

const CHECKSUM_BYTES = 4;
const NO_CHECKSUM: Uint8Array = new Uint8Array(CHECKSUM_BYTES);
const MOST_ID_BYTES = 128;
const OWN_MARK = 'HW';

/**
 * Reads the vectors from `offset` on and verifies the checksum if there is one. NOOP and types
 * that nobody here knows are skipped.
 *
 * @param header The whole header: the checksum is about all of it. Throws ProxyHeaderError.
 */
export function parseExtras(header: Buffer, offset: number): ProxyExtras {
  const extras: { -readonly [Key in keyof ProxyExtras]: ProxyExtras[Key] } = {};
  readVectors(header.subarray(offset), (type, value, valueOffset) => {
    switch (type) {
      case TYPE.alpn:
        extras.alpn = value.toString('latin1');
        break;
      case TYPE.authority:
        extras.authority = textOf(value);
        break;
      case TYPE.checksum:
        verifyChecksum(header, offset + valueOffset, value.length);
        break;
      case TYPE.uniqueId:
        if (value.length > MOST_ID_BYTES) throw new ProxyHeaderError('bad-vector');
        extras.uniqueId = Uint8Array.from(value);
        break;
      case TYPE.tls:
        extras.tls = parseTlsVector(value);
        break;
      case TYPE.networkNamespace:
        extras.networkNamespace = textOf(value);
        break;
      case TYPE.hopsLeft:
        // Others may use the same number for something of theirs.
        if (value.length === 3 && value.toString('latin1', 0, 2) === OWN_MARK) {
          extras.hopsLeft = value.readUInt8(2);
        }
        break;
      default:
    }
  });
  return extras;
}

// As if the checksum's own octets were zero (§2.2.3).
function verifyChecksum(header: Buffer, at: number, byteCount: number): void {
  if (byteCount !== CHECKSUM_BYTES) throw new ProxyHeaderError('bad-vector');
  const before = crc32c(header.subarray(0, at));
  const checksum = crc32c(header.subarray(at + CHECKSUM_BYTES), crc32c(NO_CHECKSUM, before));
  if (checksum !== header.readUInt32BE(at)) throw new ProxyHeaderError('bad-checksum');
}

/** The vectors of what is given, none for the checksum. */
export function formatExtras(extras: ProxyExtras): Buffer {
  const { alpn, authority, uniqueId, tls, networkNamespace, hopsLeft } = extras;
  const vectors: Buffer[] = [];
  if (alpn !== undefined) vectors.push(formatVector(TYPE.alpn, Buffer.from(alpn, 'latin1')));
  if (authority !== undefined) vectors.push(formatVector(TYPE.authority, Buffer.from(authority)));
  if (uniqueId !== undefined) vectors.push(formatVector(TYPE.uniqueId, uniqueId));
  if (tls !== undefined) vectors.push(formatVector(TYPE.tls, formatTlsVector(tls)));
  if (networkNamespace !== undefined) {
    vectors.push(formatVector(TYPE.networkNamespace, Buffer.from(networkNamespace)));
  }
  if (hopsLeft !== undefined) {
    const value = Buffer.from([...Buffer.from(OWN_MARK), Math.min(255, Math.max(0, hopsLeft))]);
    vectors.push(formatVector(TYPE.hopsLeft, value));
  }
  return Buffer.concat(vectors);
}

/** Room for the checksum; it must be the header's last vector. */
export function emptyChecksum(): Buffer {
  return formatVector(TYPE.checksum, NO_CHECKSUM);
}

/** Fills in the room at the end of a header that is complete otherwise. */
export function fillChecksum(header: Buffer): void {
  header.writeUInt32BE(crc32c(header), header.length - CHECKSUM_BYTES);
}
