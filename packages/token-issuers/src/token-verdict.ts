/** What comes of a token. */

/** Why a token is not believed; closed list, for the log alone. */
export type TokenRefusal =
  /** No JWT that we can read. Opaque tokens are not asked about anywhere. */
  | 'malformed'
  | 'unknown-issuer'
  /** `none`, a shared key, or what the issuer's settings do not name. */
  | 'algorithm-not-allowed'
  | 'unknown-key'
  | 'bad-signature'
  | 'expired'
  | 'not-yet-valid'
  | 'wrong-audience'
  | 'scope-missing'
  /** The claim is not there, is no text, or the issuer says that it is not verified. */
  | 'no-name'
  /** A name of a domain for which the issuer does not speak. */
  | 'foreign-domain';

export type TokenVerdict =
  | {
      readonly ok: true;
      /** A login name of the account, as the issuer spells it. */
      readonly name: string;
      readonly issuer: string;
      /** Milliseconds since 1970. */
      readonly expiresAtMs: number;
    }
  | { readonly ok: false; readonly reason: TokenRefusal; readonly issuer: string | undefined }
  /** Its issuer's keys were never read, or too long ago: nothing is known about the token. */
  | { readonly ok: false; readonly reason: 'issuer-unavailable'; readonly issuer: string };
