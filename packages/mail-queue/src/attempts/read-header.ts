/** The header of a message, as much of it as a notice brings back. */

/** Longer headers are cut at the end of a line. */
const HEADER_BYTES = 32_768;
const END = '\r\n\r\n';

/** Reads no further than it must. @returns Whole lines; empty if the octets cannot be had. */
export async function readHeader(octets: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  let byteCount = 0;
  try {
    for await (const piece of octets) {
      pieces.push(piece);
      byteCount += piece.length;
      if (byteCount > HEADER_BYTES || Buffer.concat(pieces).includes(END)) break;
    }
  } catch (error) {
    // The notice matters more than what it brings back.
    if (!(error instanceof Error)) throw error;
    return Buffer.alloc(0);
  }
  const head = Buffer.concat(pieces).subarray(0, HEADER_BYTES);
  const end = head.indexOf(END);
  const lastLine = head.lastIndexOf('\r\n');
  if (end >= 0) return head.subarray(0, end + 2);
  return lastLine < 0 ? Buffer.alloc(0) : head.subarray(0, lastLine + 2);
}
