/**
 * Bounds of the message scanner. Every message is accepted and every octet stays served; a
 * bound only decides how much of its structure is told apart.
 */

/** How much structure one message may have. */
export interface ScanLimits {
  /** Multiparts and messages within each other; deeper ones become opaque leaves. At least 1. */
  readonly maxDepth: number;
  /** Parts in all, the root among them; the last one told apart takes the rest along. */
  readonly maxParts: number;
  /** Octets of one header that are read; fields behind it are not seen. */
  readonly maxHeaderBytes: number;
  /** Octets of all header values kept for the shape; parts behind it become opaque leaves. */
  readonly maxStructureBytes: number;
  /** Addresses of one field of an envelope. */
  readonly maxAddresses: number;
}

/**
 * Far above what people send (Outlook's longest thread digests have a few hundred parts), and
 * low enough that the worst message costs a few megabytes while it is scanned.
 */
export const defaultScanLimits: ScanLimits = {
  maxDepth: 50,
  maxParts: 2000,
  maxHeaderBytes: 262_144,
  maxStructureBytes: 1_048_576,
  maxAddresses: 4000,
};
