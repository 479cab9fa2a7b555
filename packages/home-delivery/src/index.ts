/** Mail to workers of sites, by LMTP under mutual TLS. */
export { createDeliveryTls, type DeliveryTlsFiles } from './delivery-tls.ts';
export { type LinkLimits, LmtpLink } from './lmtp-link.ts';
export { type BeganTransaction, LmtpLinks, type LmtpLinksParts } from './lmtp-links.ts';
export { findWorkerDoor, type WorkerDoor } from './worker-door.ts';
export { WorkerTransport, type WorkerTransportParts } from './worker-transport.ts';
