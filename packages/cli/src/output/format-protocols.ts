/** Protocols in the columns of lists. */

const PROTOCOL_COUNT = 3;

/** Short where it is nothing special. */
export function formatProtocols(protocols: readonly string[]): string {
  if (protocols.length === PROTOCOL_COUNT) return 'all';
  return protocols.join(' ') || 'none';
}
