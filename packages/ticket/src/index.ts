/** Signing and verifying tickets. */
export { createTicketKeyPair, formatKeyId } from './ticket-keys.ts';
export type { TicketKeyPair } from './ticket-keys.ts';
export { createTicketSigner } from './ticket-signer.ts';
export type { TicketRequest, TicketSigner, TicketSignerOptions } from './ticket-signer.ts';
export { createTicketVerifier, TICKET_LIMIT_BYTES } from './ticket-verifier.ts';
export type {
  TicketConnection,
  TicketVerdict,
  TicketVerifier,
  TicketVerifierOptions,
  TicketVerifyKey,
} from './ticket-verifier.ts';
export * from './ticket.ts';
