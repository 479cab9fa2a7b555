/**
 * The server's half of a SASL exchange (RFC 4422 §3), mechanism independent. Octets in and out
 * are decoded: base64, the empty initial response ("="), line limits and the client's cancel
 * ("*") are the protocol's affair, since IMAP, POP3 and SMTP write them differently.
 */
import type { ScramParameters } from './scram/scram-parameters.ts';
import type { Credentials } from './login-dialogue.ts';

/** Why an exchange ended without credentials; closed list, goes to the log. */
export type SaslFailure =
  /** Not what the mechanism's grammar allows. */
  | 'malformed'
  /** Names and secrets must be UTF-8 where the mechanism says so. */
  | 'not-utf8'
  | 'too-long'
  /** The client asked for channel binding, which this mechanism has not. */
  | 'channel-binding-unsupported'
  /** A token of another type than Bearer. */
  | 'token-type-unsupported';

export type SaslStep =
  /** Send this (it may be empty) and call `step` with the answer. */
  | { readonly kind: 'challenge'; readonly octets: Uint8Array }
  /** Find out how this account's keys were made, real or not, and go on with that. */
  | {
      readonly kind: 'parameters-wanted';
      readonly loginName: string;
      readonly actAs: string | undefined;
      readonly proceed: (parameters: ScramParameters) => SaslStep;
    }
  /** The exchange is complete; whether the credentials are good is for others to say. */
  | { readonly kind: 'credentials'; readonly credentials: Credentials }
  | { readonly kind: 'failed'; readonly reason: SaslFailure };

/** One exchange. Not to be used again after `credentials` or `failed`. */
export interface SaslServer {
  /** @param initialResponse Undefined if the client sent none; empty if it sent an empty one. */
  start(initialResponse: Uint8Array | undefined): SaslStep;
  step(response: Uint8Array): SaslStep;
  /**
   * The credentials were refused. Some mechanisms then say why in one more challenge (RFC 7628
   * §3.2.2): send it, read the client's answer, whatever it is, and only then refuse.
   *
   * @returns That challenge, or undefined if the refusal goes out at once.
   */
  refused(): Uint8Array | undefined;
}
