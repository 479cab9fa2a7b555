/**
 * Channel bindings of a TLS connection that was ended here: what both of its ends know, and
 * nobody between two connections can make equal (RFC 5056).
 */
import { createHash, type X509Certificate } from 'node:crypto';
import type { SocketStream } from './socket-stream.ts';

/** RFC 9266 §2: label, no context, 32 octets. */
const EXPORTER_LABEL = 'EXPORTER-Channel-Binding';
const EXPORTER_BYTES = 32;
/** RFC 5929 §4.1: what has no hash, or one that is too weak, is hashed with SHA-256. */
const DEFAULT_HASH = 'sha256';
const HASH_OF_SIGNATURE = /sha(?:384|512|224)/iu;

/**
 * @returns undefined without TLS, or where this TLS has no such binding: below TLS 1.3
 *   `tls-exporter` needs the extended master secret (RFC 9266 §3), which Node does not tell of.
 */
export function findChannelBinding(
  stream: Pick<SocketStream, 'tls' | 'ownCertificate' | 'exportKeyingMaterial'>,
  type: 'tls-exporter' | 'tls-server-end-point',
): Uint8Array | undefined {
  if (type === 'tls-server-end-point') return hashCertificate(stream.ownCertificate);
  if (stream.tls?.version !== 'TLSv1.3') return undefined;
  return stream.exportKeyingMaterial(EXPORTER_BYTES, EXPORTER_LABEL);
}

/** RFC 5929 §4.1: the certificate's hash, by the hash of its own signature. */
function hashCertificate(certificate: X509Certificate | undefined): Uint8Array | undefined {
  if (certificate === undefined) return undefined;
  const named = HASH_OF_SIGNATURE.exec(certificate.signatureAlgorithm ?? '')?.[0].toLowerCase();
  return createHash(named ?? DEFAULT_HASH)
    .update(certificate.raw)
    .digest();
}
