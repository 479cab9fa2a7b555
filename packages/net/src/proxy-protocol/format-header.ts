/** Writes PROXY protocol headers, for servers behind us that want to know the client. */
import type { ProxyHeader } from './proxy-header.ts';
import { formatVersion1 } from './version-1.ts';
import { formatVersion2 } from './version-2.ts';

export interface HeaderFormat {
  /** Adds a CRC32C; version 2 only. Default false. */
  readonly hasChecksum?: boolean;
}

/**
 * The header's octets, to be sent before anything else and at once. What the version cannot say
 * is left out: version 1 knows TCP only and no vectors.
 */
export function formatProxyHeader(header: ProxyHeader, { hasChecksum }: HeaderFormat = {}): Buffer {
  return header.version === 1
    ? formatVersion1(header)
    : formatVersion2(header, hasChecksum === true);
}
