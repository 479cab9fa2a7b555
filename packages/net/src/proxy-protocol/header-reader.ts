/**
 * Finds the PROXY protocol header at the beginning of a connection: octets in, as they come,
 * header and rest out. Knows no socket and no time. What it holds is bounded by the longest
 * header; what follows a header is never copied.
 */
import { type ProxyHeader, ProxyHeaderError, type ProxyHeaderFault } from './proxy-header.ts';
import { findLineEnd, parseVersion1, VERSION_1_SIGNATURE } from './version-1.ts';
import { findHeaderEnd, parseVersion2, VERSION_2_SIGNATURE } from './version-2.ts';

export type ProxyHeaderReading =
  | { readonly kind: 'need-more' }
  /** @property rest What follows the header: a view into the octets that were pushed last. */
  | { readonly kind: 'header'; readonly header: ProxyHeader; readonly rest: Uint8Array }
  /** @property octets All that was pushed; it does not begin like a header. */
  | { readonly kind: 'no-header'; readonly octets: Uint8Array }
  | { readonly kind: 'malformed'; readonly fault: ProxyHeaderFault };

/** Addresses need 52 octets; the rest is for vectors, a client's certificate among them. */
export const MOST_HEADER_BYTES: number = 4_096;

const NEED_MORE: ProxyHeaderReading = { kind: 'need-more' };
const EMPTY: Buffer = Buffer.alloc(0);

export class ProxyHeaderReader {
  readonly #mostBytes: number;
  #held: Buffer = EMPTY;

  /** @param mostBytes Limit for a version 2 header; version 1 has its own. */
  constructor(mostBytes: number = MOST_HEADER_BYTES) {
    this.#mostBytes = mostBytes;
  }

  /** Octets of a header that has begun and not ended. */
  get heldByteCount(): number {
    return this.#held.length;
  }

  /** Not to be called again after any answer but `need-more`. */
  push(chunk: Uint8Array): ProxyHeaderReading {
    const view = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    const octets = this.#held.length === 0 ? view : Buffer.concat([this.#held, view]);
    const version = detectVersion(octets);
    if (version === 'none') return { kind: 'no-header', octets };
    try {
      const byteCount = version === 'unclear' ? undefined : this.#findEnd(version, octets);
      if (version === 'unclear' || byteCount === undefined || byteCount > octets.length) {
        // The chunk is not ours to keep.
        this.#held = octets === view ? Buffer.from(view) : octets;
        return NEED_MORE;
      }
      const header = octets.subarray(0, byteCount);
      const rest = chunk.subarray(byteCount - this.#held.length);
      return {
        kind: 'header',
        header: version === 1 ? parseVersion1(header) : parseVersion2(header),
        rest,
      };
    } catch (error) {
      if (!(error instanceof ProxyHeaderError)) throw error;
      return { kind: 'malformed', fault: error.fault };
    }
  }

  #findEnd(version: 1 | 2, octets: Buffer): number | undefined {
    return version === 1 ? findLineEnd(octets) : findHeaderEnd(octets, this.#mostBytes);
  }
}

/** Which version's signature the octets begin with; `unclear` while they are too few. */
export function detectVersion(octets: Buffer): 1 | 2 | 'unclear' | 'none' {
  if (octets.length === 0) return 'unclear';
  const [signature, version] =
    octets[0] === VERSION_1_SIGNATURE[0]
      ? [VERSION_1_SIGNATURE, 1 as const]
      : [VERSION_2_SIGNATURE, 2 as const];
  const length = Math.min(signature.length, octets.length);
  if (octets.compare(signature, 0, length, 0, length) !== 0) return 'none';
  return length === signature.length ? version : 'unclear';
}
