/** Mail to the outside: smart hosts with fail-over, by nodemailer. */
export { findRelayProblem, relaySchema, type RelaySettings } from './relay-settings.ts';
export type { SmartHostSettings } from './relay-settings.ts';
export { SmartHostTransport, type SmartHostTransportParts } from './smart-host-transport.ts';
