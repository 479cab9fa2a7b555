/** PP2_TYPE_SSL: what a balancer that ends TLS says about it (specification §2.2.6). */
import { ProxyHeaderError, type ProxyTlsVector } from './proxy-header.ts';
import { asciiOf, formatVector, readVectors, textOf } from './vector.ts';

const SUBTYPE = {
  version: 0x21,
  commonName: 0x22,
  cipher: 0x23,
  signatureAlgorithm: 0x24,
  keyAlgorithm: 0x25,
  group: 0x26,
  signatureScheme: 0x27,
  certificate: 0x28,
} as const;

const IS_ENCRYPTED = 0x01;
const HAS_CERTIFICATE = 0x02;
const HAS_SESSION_CERTIFICATE = 0x04;
/** The octet of flags and the 32 bits of the verification's result. */
const FIXED_BYTES = 5;

type Mutable<Value> = { -readonly [Key in keyof Value]: Value[Key] };

/** Throws ProxyHeaderError. Certificates are copied: the header's octets can go. */
export function parseTlsVector(value: Buffer): ProxyTlsVector {
  if (value.length < FIXED_BYTES) throw new ProxyHeaderError('bad-vector');
  const flags = value.readUInt8(0);
  const vector: Mutable<ProxyTlsVector> = {
    isEncrypted: (flags & IS_ENCRYPTED) !== 0,
    hasCertificate: (flags & HAS_CERTIFICATE) !== 0,
    hasSessionCertificate: (flags & HAS_SESSION_CERTIFICATE) !== 0,
    verifyResult: value.readUInt32BE(1),
  };
  readVectors(value.subarray(FIXED_BYTES), (type, inner) => {
    takeSubVector(vector, type, inner);
  });
  return vector;
}

function takeSubVector(vector: Mutable<ProxyTlsVector>, type: number, value: Buffer): void {
  switch (type) {
    case SUBTYPE.version:
      vector.version = asciiOf(value);
      break;
    case SUBTYPE.commonName:
      vector.commonName = textOf(value);
      break;
    case SUBTYPE.cipher:
      vector.cipher = asciiOf(value);
      break;
    case SUBTYPE.signatureAlgorithm:
      vector.signatureAlgorithm = asciiOf(value);
      break;
    case SUBTYPE.keyAlgorithm:
      vector.keyAlgorithm = asciiOf(value);
      break;
    case SUBTYPE.group:
      vector.group = asciiOf(value);
      break;
    case SUBTYPE.signatureScheme:
      vector.signatureScheme = asciiOf(value);
      break;
    case SUBTYPE.certificate:
      vector.certificate = Uint8Array.from(value);
      break;
    default:
  }
}

/** The value of a PP2_TYPE_SSL vector. */
export function formatTlsVector(vector: ProxyTlsVector): Buffer {
  const fixed = Buffer.alloc(FIXED_BYTES);
  fixed.writeUInt8(
    (vector.isEncrypted ? IS_ENCRYPTED : 0) |
      (vector.hasCertificate ? HAS_CERTIFICATE : 0) |
      (vector.hasSessionCertificate ? HAS_SESSION_CERTIFICATE : 0),
  );
  fixed.writeUInt32BE(vector.verifyResult, 1);
  const parts: Buffer[] = [fixed];
  for (const [name, type] of Object.entries(SUBTYPE)) {
    const value = vector[name as keyof typeof SUBTYPE];
    if (value === undefined) continue;
    const octets = typeof value === 'string' ? Buffer.from(value) : value;
    parts.push(formatVector(type, octets));
  }
  return Buffer.concat(parts);
}
