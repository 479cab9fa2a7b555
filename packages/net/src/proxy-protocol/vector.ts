/**
 * Type-length-value vectors: an octet of type, two of length, then the value (specification
 * §2.2). Used twice, for the header and inside PP2_TYPE_SSL.
 */
import { TextDecoder } from 'node:util';
import { ProxyHeaderError } from './proxy-header.ts';

const HEAD_BYTES = 3;
const UTF_8: TextDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Hands every vector to `take`, in order; the value is a view. Throws ProxyHeaderError. */
export function readVectors(
  octets: Buffer,
  take: (type: number, value: Buffer, valueOffset: number) => void,
): void {
  let at = 0;
  while (at < octets.length) {
    const valueOffset = at + HEAD_BYTES;
    if (valueOffset > octets.length) throw new ProxyHeaderError('vector-cut-short');
    const end = valueOffset + octets.readUInt16BE(at + 1);
    if (end > octets.length) throw new ProxyHeaderError('vector-cut-short');
    take(octets.readUInt8(at), octets.subarray(valueOffset, end), valueOffset);
    at = end;
  }
}

/** One vector. */
export function formatVector(type: number, value: Uint8Array): Buffer {
  const vector = Buffer.allocUnsafe(HEAD_BYTES + value.length);
  vector.writeUInt8(type, 0);
  vector.writeUInt16BE(value.length, 1);
  vector.set(value, HEAD_BYTES);
  return vector;
}

/** A value that must be UTF-8. Throws ProxyHeaderError. */
export function textOf(value: Buffer): string {
  try {
    return UTF_8.decode(value);
  } catch {
    throw new ProxyHeaderError('bad-vector');
  }
}

/** A value that must be printable US-ASCII. Throws ProxyHeaderError. */
export function asciiOf(value: Buffer): string {
  const text = value.toString('latin1');
  if (!/^[ -~]*$/.test(text)) throw new ProxyHeaderError('bad-vector');
  return text;
}
