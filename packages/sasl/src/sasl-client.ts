/** The client's half of a SASL exchange (RFC 4422 §3), as a front end needs it towards a home. */

/** One exchange. All mechanisms here have an initial response. */
export interface SaslClient {
  /** The registered name. */
  readonly mechanism: string;
  /** The initial response, not encoded. */
  start(): Uint8Array;
  /** Answers a challenge, or gives the exchange up ("*"). */
  step(challenge: Uint8Array): Uint8Array | 'cancel';
}
