/**
 * Looks at any octets as a `Buffer` without copying them: the native searches (`indexOf`) and
 * Latin-1 conversions live there.
 */

/** @returns The same memory as a Buffer; the argument itself if it already is one. */
export function viewAsBuffer(octets: Uint8Array): Buffer {
  if (Buffer.isBuffer(octets)) return octets;
  return Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
}
