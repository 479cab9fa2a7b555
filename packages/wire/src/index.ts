/** Octets on the wire: what every protocol package shares. */
export type { OctetStream, StreamEnd } from './octet-stream.ts';
