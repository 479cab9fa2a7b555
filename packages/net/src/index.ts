/** Connections: listening, dialling, TLS, and the relay. Making certificates is `net/pki`. */
export { AcceptLimits, type ConnectionLimits } from './accept-limits.ts';
export type { CertificateFacts, CertificateFault, CertificateFiles } from './certificate-set.ts';
export { ClientTls, type ClientTlsOptions, loadClientTls } from './client-tls.ts';
export type { NetClock } from './clock-port.ts';
export { type DeadlineEntry, DeadlineWheel } from './deadline-wheel.ts';
export {
  dial,
  type DialAddress,
  type DialAttempt,
  type DialOptions,
  type DialOutcome,
} from './dial.ts';
export type { DialFailure } from './dial-failure.ts';
export {
  type AcceptRefusal,
  type AcceptStep,
  type ArrivingConnection,
  formatEndpoint,
  type ListenFailure,
  Listener,
  type ListenerOptions,
  type OpenedListener,
  openListener,
} from './listener.ts';
export { type Endpoint, plainAddress, type TlsFacts } from './peer-facts.ts';
export { Relay, type RelayEnd, type RelayOptions, startRelay } from './relay.ts';
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
  type ServerTlsOptions,
} from './tls-context.ts';
export { type HandshakeFailure, type UpgradeOutcome, upgradeToTls } from './tls-upgrade.ts';
