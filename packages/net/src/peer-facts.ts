/** What is known about the two ends of a connection, for logs, limits and tickets. */
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';

export interface Endpoint {
  /** IPv4, or IPv6 without brackets; an IPv4-mapped IPv6 address is given as IPv4. */
  readonly address: string;
  readonly port: number;
}

/** What was agreed in the TLS handshake. */
export interface TlsFacts {
  /** As OpenSSL says it: `TLSv1.3`. */
  readonly version: string;
  readonly cipher: string;
  /** The name that the client asked for (SNI, RFC 6066 §3). */
  readonly serverName: string | undefined;
  /** RFC 7301. */
  readonly alpn: string | undefined;
  readonly isResumed: boolean;
}

/** What a balancer said of the connection that it passes on, and we believed. */
export interface ProxyFacts {
  /** `local`: the balancer's own connection, a health check; nothing else is known then. */
  readonly command: 'proxy' | 'local';
  /** The balancer's end of our connection. */
  readonly via: Endpoint;
  /** Where the client connected to, if the balancer said so. */
  readonly destination: Endpoint | undefined;
  /** Its name for the connection, in its own log. */
  readonly uniqueId: Uint8Array | undefined;
  readonly networkNamespace: string | undefined;
  /** How often the connection may still be passed on. */
  readonly hopsLeft: number | undefined;
  /** Only if the client's connection to the balancer was encrypted. */
  readonly tls: ProxyTlsFacts | undefined;
}

/** The TLS connection between client and balancer, which ended there. */
export interface ProxyTlsFacts {
  /** As OpenSSL says it: `TLSv1.3`. */
  readonly version: string | undefined;
  readonly cipher: string | undefined;
  /** The name that the client asked for. */
  readonly serverName: string | undefined;
  readonly alpn: string | undefined;
  /** The client's certificate, if it showed one in this TLS session. */
  readonly clientCertificate: ProxyClientCertificate | undefined;
}

export interface ProxyClientCertificate {
  /** Whether the balancer has verified it. */
  readonly isVerified: boolean;
  readonly commonName: string | undefined;
  /** DER. */
  readonly octets: Uint8Array | undefined;
}

const MAPPED_PREFIX = '::ffff:';

/** `::ffff:192.0.2.1` → `192.0.2.1`; others as they are. */
export function plainAddress(address: string): string {
  const isMapped = address.startsWith(MAPPED_PREFIX) && address.includes('.');
  return isMapped ? address.slice(MAPPED_PREFIX.length) : address;
}

/** The far end; address '' when the peer was gone before anyone asked. */
export function remoteEndpoint(socket: Socket): Endpoint {
  return { address: plainAddress(socket.remoteAddress ?? ''), port: socket.remotePort ?? 0 };
}

/** The near end. */
export function localEndpoint(socket: Socket): Endpoint {
  return { address: plainAddress(socket.localAddress ?? ''), port: socket.localPort ?? 0 };
}

export function tlsFacts(socket: TLSSocket): TlsFacts {
  const named = socket as TLSSocket & { readonly servername?: string | false | null };
  return {
    version: socket.getProtocol() ?? 'unknown',
    // The types say that there always is a cipher; a destroyed socket has none.
    cipher: (socket.getCipher() as { name: string } | undefined)?.name ?? 'unknown',
    serverName: typeof named.servername === 'string' ? named.servername : undefined,
    alpn: typeof socket.alpnProtocol === 'string' ? socket.alpnProtocol : undefined,
    isResumed: socket.isSessionReused(),
  };
}
