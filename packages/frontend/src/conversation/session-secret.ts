/**
 * By what a session was let in, as far as has to be known while it lasts: when that is no longer
 * the account's, or has run out, the session ends (see `revocation/`). No secret, nor anything
 * that helps to guess one.
 */
export type SessionSecret =
  /** The account's own; `setAtMs` tells one from the next. */
  | { readonly kind: 'password'; readonly setAtMs: number }
  /** One of those made for a program. */
  | { readonly kind: 'app-password'; readonly id: string }
  /** An issuer's; milliseconds since 1970. */
  | { readonly kind: 'token'; readonly expiresAtMs: number }
  /** Judged by somebody else, who tells nobody of changes. */
  | { readonly kind: 'elsewhere' };
