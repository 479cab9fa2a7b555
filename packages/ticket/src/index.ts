/** Signing and verifying tickets. */
export * from './ticket.ts';
