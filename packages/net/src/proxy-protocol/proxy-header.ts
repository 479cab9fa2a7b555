/**
 * What a PROXY protocol header says (specification by HAProxy, versions 1 and 2): who is behind
 * the balancer that opened the connection, and what else the balancer knows. Plain values; the
 * reader and the writer beside this file turn octets into them and back.
 */
import type { Endpoint } from '../peer-facts.ts';

/** The two ends of the connection at the balancer. */
export type ProxiedEnds =
  | {
      readonly family: 'ipv4' | 'ipv6';
      readonly transport: ProxiedTransport;
      /** The client. */
      readonly source: Endpoint;
      /** Where it connected to. */
      readonly destination: Endpoint;
    }
  | {
      readonly family: 'unix';
      readonly transport: ProxiedTransport;
      /** Octets as Latin-1; an abstract name begins with NUL. */
      readonly sourcePath: string;
      readonly destinationPath: string;
    };

export type ProxiedTransport = 'stream' | 'datagram';

/** One header, either version. */
export interface ProxyHeader {
  readonly version: 1 | 2;
  /** `local`: the balancer speaks for itself, a health check say; version 2 only. */
  readonly command: 'proxy' | 'local';
  /** Nothing for LOCAL, UNKNOWN and UNSPEC: the connection's own ends hold. */
  readonly ends: ProxiedEnds | undefined;
  /** Version 2 only. */
  readonly extras: ProxyExtras;
}

/** The vectors that are understood (specification §2.2); others are skipped. */
export interface ProxyExtras {
  /** ALPN (RFC 7301), octets as Latin-1. */
  readonly alpn?: string;
  /** The name that the client asked for: SNI. */
  readonly authority?: string;
  /** Names the connection in the balancer's own log; up to 128 octets. */
  readonly uniqueId?: Uint8Array;
  readonly tls?: ProxyTlsVector;
  readonly networkNamespace?: string;
  /**
   * How often the connection may still be passed on, 0 to 255. Homeward's own vector, of the range
   * for applications (§2.2.8): type 0xE5, value "HW" and one octet.
   */
  readonly hopsLeft?: number;
}

/** PP2_TYPE_SSL with its sub-vectors (§2.2.6). */
export interface ProxyTlsVector {
  /** PP2_CLIENT_SSL: the client's connection to the balancer was encrypted. */
  readonly isEncrypted: boolean;
  /** PP2_CLIENT_CERT_CONN: a client certificate was shown on this connection. */
  readonly hasCertificate: boolean;
  /** PP2_CLIENT_CERT_SESS: one was shown in this TLS session, perhaps earlier. */
  readonly hasSessionCertificate: boolean;
  /** 0: verified, if there was a certificate at all; HAProxy says 0 without one, too. */
  readonly verifyResult: number;
  /** As OpenSSL says it: `TLSv1.3`. */
  readonly version?: string;
  readonly cipher?: string;
  /** Common name of the client's certificate. */
  readonly commonName?: string;
  readonly signatureAlgorithm?: string;
  readonly keyAlgorithm?: string;
  readonly group?: string;
  readonly signatureScheme?: string;
  /** DER. */
  readonly certificate?: Uint8Array;
}

/** Why octets that begin like a header are not one; closed list, goes to logs. */
export const PROXY_HEADER_FAULTS = [
  // Version 1.
  'line-too-long',
  'bad-line-end',
  'bad-field-count',
  'bad-port',
  // Both.
  'bad-family',
  'bad-address',
  // Version 2.
  'bad-version',
  'bad-command',
  'bad-transport',
  'header-too-long',
  'address-cut-short',
  'vector-cut-short',
  'bad-vector',
  'bad-checksum',
  // What becomes of a good beginning.
  'cut-short',
  'timed-out',
] as const;

export type ProxyHeaderFault = (typeof PROXY_HEADER_FAULTS)[number];

/** Thrown and caught inside this folder: a malformed header ends its reading at any depth. */
export class ProxyHeaderError extends Error {
  readonly fault: ProxyHeaderFault;

  constructor(fault: ProxyHeaderFault) {
    super(fault);
    this.fault = fault;
  }
}

/** For headers without vectors. */
export const NO_EXTRAS: ProxyExtras = {};
