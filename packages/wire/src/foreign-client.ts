/**
 * Recognises clients of another protocol by the first octets they send to a plain-text port: a
 * TLS handshake (the client wants implicit TLS, the port speaks STARTTLS) or an HTTP request (a
 * browser, a scanner, or a cross-protocol attack). Both deserve a clear end, not a row of errors.
 */
import { viewAsBuffer } from './buffer-view.ts';
import type { ByteQueue } from './byte-queue.ts';

/** TLS record of type handshake, any version 3.x (RFC 8446 §5.1). */
const TLS_HANDSHAKE = 0x16;
const TLS_MAJOR_VERSION = 0x03;

/** RFC 9110 §9, RFC 5789, and HTTP/2's preface (RFC 9113 §3.4). */
const HTTP_STARTS: readonly string[] = [
  'GET /',
  'GET http',
  'HEAD /',
  'POST /',
  'PUT /',
  'DELETE /',
  'CONNECT ',
  'OPTIONS /',
  'OPTIONS *',
  'TRACE /',
  'PATCH /',
  'PRI * HTTP/2',
];
const LONGEST_START_BYTES: number = Math.max(...HTTP_STARTS.map((start) => start.length));

/**
 * @param octets Everything the client has sent since the connection's start.
 * @returns 'need-more' only while the octets so far could still begin one of the two.
 */
export function recogniseForeignClient(octets: Uint8Array): 'tls' | 'http' | 'none' | 'need-more' {
  const first = octets[0];
  if (first === undefined) return 'need-more';
  if (first === TLS_HANDSHAKE) {
    if (octets.length === 1) return 'need-more';
    return octets[1] === TLS_MAJOR_VERSION ? 'tls' : 'none';
  }
  const text = viewAsBuffer(octets.subarray(0, LONGEST_START_BYTES)).toString('latin1');
  let couldBe = false;
  for (const start of HTTP_STARTS) {
    if (text.startsWith(start)) return 'http';
    if (start.startsWith(text)) couldBe = true;
  }
  return couldBe ? 'need-more' : 'none';
}

/** The same of octets that wait, and are not taken. */
export function recogniseWaitingClient(queue: ByteQueue): 'tls' | 'http' | 'none' | 'need-more' {
  const first: number[] = [];
  for (let at = 0; at < LONGEST_START_BYTES; at += 1) {
    const octet = queue.peek(at);
    if (octet === undefined) break;
    first.push(octet);
  }
  return recogniseForeignClient(Uint8Array.from(first));
}
