/**
 * Undoes Content-Transfer-Encoding (RFC 2045 §6) piece by piece, leniently. Bodies in 7bit,
 * 8bit, binary and in encodings nobody knows pass as they are.
 *
 * Gap: x-uuencode passes as it is.
 */
import type { TransferDecoder } from './decoders.ts';
import { createBase64Decoder } from './base64-decoder.ts';
import { viewAsBuffer } from './header-fields.ts';
import { createQuotedPrintableDecoder } from './quoted-printable-decoder.ts';

/** @param encoding Content-Transfer-Encoding as sent, in any case. */
export function createTransferDecoder(encoding: string): TransferDecoder {
  switch (encoding.toLowerCase()) {
    case 'base64':
      return createBase64Decoder();
    case 'quoted-printable':
      return createQuotedPrintableDecoder();
    default:
      return { push: (octets) => octets, finish: () => new Uint8Array(0) };
  }
}

/** Decodes octets that lie there as a whole. */
export function decodeTransferEncoding(octets: Uint8Array, encoding: string): Uint8Array {
  const decoder = createTransferDecoder(encoding);
  const most = viewAsBuffer(decoder.push(octets));
  const rest = decoder.finish();
  return rest.length === 0 ? most : Buffer.concat([most, rest]);
}
