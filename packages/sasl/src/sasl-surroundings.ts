/** What mechanisms need to know of the connection they run over, and of its server. */

/**
 * What ties a login to one TLS connection: `tls-exporter` (RFC 9266 §2) and
 * `tls-server-end-point` (RFC 5929 §4).
 *
 * Deviation: RFC 5802 §6.1 wants `tls-unique` from who offers any. TLS 1.3 has none (RFC 8446
 * appendix C.5), and below it the value does not survive resumption (RFC 9266 §1).
 */
export type ChannelBindingType = 'tls-exporter' | 'tls-server-end-point';

/** Where OAuth clients whose token was refused may get a good one (RFC 7628 §3.2.2). */
export interface TokenHint {
  /** Scopes that a token needs, with blanks between; undefined: nothing is said of them. */
  readonly scope: string | undefined;
  /** URL of the issuer's OpenID configuration; undefined: nothing is said of it. */
  readonly openidConfiguration: string | undefined;
}

/** Supplied by who owns the connection. */
export interface SaslSurroundings {
  /** A new nonce of at least 128 random bits: printable ASCII without commas (RFC 5802 §5.1). */
  readonly makeNonce: () => string;
  /**
   * The data of the TLS connection that this server has ended itself; its answer is undefined
   * where this TLS has none of that type. Undefined as a whole where TLS ended elsewhere, or where
   * no mechanism that binds is offered.
   */
  readonly findChannelBinding: ((type: ChannelBindingType) => Uint8Array | undefined) | undefined;
  readonly tokenHint: TokenHint;
}
