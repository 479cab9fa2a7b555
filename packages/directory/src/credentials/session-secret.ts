/**
 * By what a session was let in, as far as has to be known while it lasts: when that is no longer
 * the account's, or has run out, the session ends. No secret, nor anything
 * that helps to guess one.
 */
import type { LoginRecord, Protocol } from '../ports.ts';

/** In a few words. */
export type SessionSecret =
  /** The account's own; `setAtMs` tells one from the next. */
  | { readonly kind: 'password'; readonly setAtMs: number }
  /** One of those made for a program. */
  | { readonly kind: 'app-password'; readonly id: string }
  /** An issuer's; milliseconds since 1970. */
  | { readonly kind: 'token'; readonly expiresAtMs: number }
  /** Judged by somebody else, who tells nobody of changes. */
  | { readonly kind: 'elsewhere' };

/** Whether it would still let its account in, as the directory has that now. */
export function isSecretStillGood(
  secret: SessionSecret,
  { account, credentials, appPasswords }: LoginRecord,
  protocol: Protocol,
): boolean {
  switch (secret.kind) {
    case 'password':
      return (
        account.isPasswordLoginOff !== true &&
        account.ldap === undefined &&
        credentials?.setAtMs === secret.setAtMs
      );
    case 'app-password':
      return (
        appPasswords?.all.some(
          ({ id, protocols }) => id === secret.id && protocols.includes(protocol),
        ) ?? false
      );
    // LDAP and foreign homes tell nobody of a new password.
    case 'elsewhere':
      return account.isPasswordLoginOff !== true;
    case 'token':
      return true;
  }
}
