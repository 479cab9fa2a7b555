/** What undoes an encoding piece by piece. */

/** Octets in, octets out. Memory is bounded by the piece at hand. */
export interface TransferDecoder {
  /** The result may be a view of `octets`; use it before they are overwritten. */
  push(octets: Uint8Array): Uint8Array;
  /** What is left; call once. */
  finish(): Uint8Array;
}

/** Decodes a stream of octets piece by piece; characters may be split between pieces. */
export interface CharsetDecoder {
  push(octets: Uint8Array): string;
  /** What is left; call once. */
  finish(): string;
}
