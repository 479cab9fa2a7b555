/** What a client whose token was refused may know (RFC 7628 §3.2.2). */
import type { TokenIssuer } from './issuer-schema.ts';

/** Of the first issuer: the error document has room for one. */
export function hintOfIssuers(issuers: readonly TokenIssuer[]): {
  readonly scope: string | undefined;
  readonly openidConfiguration: string | undefined;
} {
  const [first] = issuers;
  if (first === undefined) return { scope: undefined, openidConfiguration: undefined };
  const { scopes, issuer } = first;
  return {
    scope: scopes.length === 0 ? undefined : scopes.join(' '),
    openidConfiguration: first.openidConfiguration ?? wellKnownOf(issuer),
  };
}

/** OpenID Connect Discovery §4: behind the issuer's own path. */
function wellKnownOf(issuer: string): string | undefined {
  if (!issuer.startsWith('https://')) return undefined;
  return `${issuer.replace(/\/$/u, '')}/.well-known/openid-configuration`;
}
