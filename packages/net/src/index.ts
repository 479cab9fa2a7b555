/** Connections: listening, dialling, TLS, and the relay. Making certificates is `net/pki`. */
export { findChannelBinding } from './channel-binding.ts';
export { AcceptLimits, type ConnectionLimits } from './accept-limits.ts';
export {
  ACCEPT_REFUSALS,
  type AcceptRefusal,
  type AcceptStep,
  type ArrivingConnection,
  type ExplainedRefusal,
  type StepVerdict,
} from './accepting.ts';
export type { CertificateFacts, CertificateFault, CertificateFiles } from './certificate-set.ts';
export { ClientTls, type ClientTlsOptions, loadClientTls } from './client-tls.ts';
export {
  dialLocal,
  LOCAL_PATH_LIMIT_BYTES,
  LocalListener,
  type LocalListenerOptions,
  type OpenedLocalListener,
  openLocalListener,
} from './local-socket.ts';
export type { NetClock } from './clock-port.ts';
export { type DeadlineEntry, DeadlineWheel } from './deadline-wheel.ts';
export {
  dial,
  type DialAddress,
  type DialAttempt,
  type DialOptions,
  type DialTls,
  type DialOutcome,
} from './dial.ts';
export { type ClientUpgradeOutcome, startClientTls } from './client-upgrade.ts';
export type { DialFailure } from './dial-failure.ts';
export {
  connectStepped,
  lookUpHost,
  type SteppedConnection,
  type SteppedTls,
  type StepOutcome,
} from './stepped-connection.ts';
export {
  formatEndpoint,
  type ListenFailure,
  Listener,
  type ListenerOptions,
  type OpenedListener,
  openListener,
} from './listener.ts';
export {
  type Endpoint,
  plainAddress,
  type ProxyClientCertificate,
  type ProxyFacts,
  type ProxyTlsFacts,
  type TlsFacts,
} from './peer-facts.ts';
export {
  formatProxyHeader,
  type HeaderFormat,
  PROXY_HEADER_FAULTS,
  type ProxiedEnds,
  type ProxyExtras,
  type ProxyHeader,
  type ProxyHeaderFault,
} from './proxy-protocol/index.ts';
export {
  createProxyProtocolStep,
  DEFAULT_HEADER_LIMIT_MS,
  type ProxyProtocolMode,
  type ProxyProtocolOptions,
} from './proxy-protocol-step.ts';
export { OwnAddresses } from './own-addresses.ts';
export { Relay, type RelayEnd, type RelayOptions, type SentBefore, startRelay } from './relay.ts';
export {
  DEFAULT_LINGER_MS,
  type DetachedSocket,
  SocketStream,
  type StreamClosure,
} from './socket-stream.ts';
export {
  type OpenedServerTls,
  openServerTls,
  type ReloadOutcome,
  ServerTls,
  type ServerTlsFiles,
  type ServerTlsOptions,
} from './tls-context.ts';
export { countedNetwork } from './counted-network.ts';
export {
  type Network,
  type NetworkFault,
  networkOf,
  type ParsedNetwork,
  createNetworkTest,
  parseNetwork,
  TrustedNetworks,
} from './trusted-networks.ts';
export { TurnPacer } from './turn-pacer.ts';
export { type HandshakeFailure, type UpgradeOutcome, upgradeToTls } from './tls-upgrade.ts';
