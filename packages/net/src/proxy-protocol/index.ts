/** PROXY protocol headers, versions 1 and 2: read and written, without sockets. */
export { formatProxyHeader, type HeaderFormat } from './format-header.ts';
export {
  detectVersion,
  MOST_HEADER_BYTES,
  ProxyHeaderReader,
  type ProxyHeaderReading,
} from './header-reader.ts';
export {
  PROXY_HEADER_FAULTS,
  type ProxiedEnds,
  type ProxiedTransport,
  type ProxyExtras,
  type ProxyHeader,
  type ProxyHeaderFault,
  type ProxyTlsVector,
} from './proxy-header.ts';
