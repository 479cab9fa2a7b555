export { MASK, type ProtocolLogContext, type ProtocolLogEntry } from './protocol-log-entry.ts';
export { ProtocolLog, type ProtocolLogParts } from './protocol-log.ts';
export {
  type LoggedProtocol,
  type ProtocolLogHalf,
  type ProtocolLogPlace,
  protocolLogSchema,
  type ProtocolLogSettings,
  type RollOver,
} from './protocol-log-settings.ts';
export { SessionLog, type SessionLogFacts } from './session-log.ts';
