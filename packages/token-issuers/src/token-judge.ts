/**
 * Judges access tokens that are JWTs (RFC 7519, RFC 9068) by their issuer's keys and settings,
 * with the care that RFC 8725 asks for: algorithms from the settings and not from the token,
 * issuer and audience always compared, an end always there.
 */
import { decodeJwt, errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose';
import type { KeySource } from './fetch-key-set.ts';
import { IssuerKeys, type KeysClock } from './issuer-keys.ts';
import type { TokenIssuer } from './issuer-schema.ts';
import type { TokenRefusal, TokenVerdict } from './token-verdict.ts';

export interface TokenJudgeParts {
  readonly clock: KeysClock & { nowMs(): number };
  /** Hears of each reading of an issuer's keys; `detail` says what went wrong. */
  readonly onKeysRead: (issuer: string, detail: string | undefined) => void;
}

/** Close it. */
export interface TokenJudge {
  /** From now on these are believed; keys that are known already stay so. */
  setIssuers(issuers: readonly TokenIssuer[]): void;
  /** Never rejects for anything that a token or an issuer can do. */
  judge(token: string): Promise<TokenVerdict>;
  close(): void;
}

interface Known {
  readonly settings: TokenIssuer;
  readonly keys: IssuerKeys;
}

/** Knows no issuer at first. */
export function createTokenJudge(parts: TokenJudgeParts): TokenJudge {
  return new KeyedTokenJudge(parts);
}

class KeyedTokenJudge implements TokenJudge {
  readonly #parts: TokenJudgeParts;
  #issuers: ReadonlyMap<string, Known> = new Map();

  constructor(parts: TokenJudgeParts) {
    this.#parts = parts;
  }

  setIssuers(issuers: readonly TokenIssuer[]): void {
    const before = this.#issuers;
    this.#issuers = new Map(
      issuers.map((settings) => {
        const known = before.get(settings.issuer);
        const isSame = known !== undefined && hasSameSource(known.settings, settings);
        const keys = isSame ? known.keys : this.#createKeys(settings);
        return [settings.issuer, { settings, keys }];
      }),
    );
    const kept = new Set([...this.#issuers.values()].map(({ keys }) => keys));
    for (const { keys } of before.values()) if (!kept.has(keys)) keys.close();
  }

  async judge(token: string): Promise<TokenVerdict> {
    const issuer = readIssuer(token);
    if (issuer === undefined) return refuse('malformed', issuer);
    const known = this.#issuers.get(issuer);
    if (known === undefined) return refuse('unknown-issuer', issuer);
    const find = await known.keys.find();
    if (find === undefined) return { ok: false, reason: 'issuer-unavailable', issuer };
    const verdict = await this.#verify(token, known.settings, find);
    if (verdict.ok || verdict.reason !== 'unknown-key') return verdict;
    const newer = await known.keys.findNewer();
    return newer === undefined ? verdict : this.#verify(token, known.settings, newer);
  }

  close(): void {
    this.setIssuers([]);
  }

  #createKeys(settings: TokenIssuer): IssuerKeys {
    const { clock, onKeysRead } = this.#parts;
    return new IssuerKeys({
      source: sourceOf(settings),
      clock,
      onFetched: (outcome) => onKeysRead(settings.issuer, outcome.ok ? undefined : outcome.detail),
    });
  }

  async #verify(
    token: string,
    settings: TokenIssuer,
    find: JWTVerifyGetKey,
  ): Promise<TokenVerdict> {
    const { issuer } = settings;
    const nowMs = this.#parts.clock.nowMs();
    try {
      const { payload } = await jwtVerify(token, find, {
        issuer,
        audience: [...settings.audiences],
        algorithms: [...settings.algorithms],
        clockTolerance: settings.clockToleranceSeconds,
        currentDate: new Date(nowMs),
        requiredClaims: ['exp', 'aud'],
      });
      // The tolerance is for beginnings: a session ends with its token, so that one within the
      // tolerance would be let in to be sent away.
      const hasEnded = (payload.exp ?? 0) * 1000 <= nowMs;
      return hasEnded ? refuse('expired', issuer) : readClaims(payload, settings);
    } catch (error) {
      return refuse(reasonOf(error), issuer);
    }
  }
}

function readClaims(payload: JWTPayload, settings: TokenIssuer): TokenVerdict {
  const { issuer, nameClaim, scopes, domains } = settings;
  const granted = scopesOf(payload);
  if (!scopes.every((scope) => granted.has(scope))) return refuse('scope-missing', issuer);
  const name = payload[nameClaim];
  // Some issuers write it as a text.
  const isUnverified = nameClaim === 'email' && String(payload['email_verified']) === 'false';
  if (typeof name !== 'string' || name === '' || isUnverified) return refuse('no-name', issuer);
  if (domains.length > 0 && !domains.includes(domainOf(name) ?? ''))
    return refuse('foreign-domain', issuer);
  // jwtVerify has seen that it is a number.
  return { ok: true, name, issuer, expiresAtMs: (payload.exp ?? 0) * 1000 };
}

/**
 * Of an address that is nothing else: `boss@elsewhere/team@ours` would log in the first of the
 * two, and the issuer speaks for the second one's domain alone.
 */
function domainOf(name: string): string | undefined {
  return /^[^@/\\]+@([^@/\\]+)$/u.exec(name)?.[1]?.toLowerCase();
}

/** `scope` with blanks (RFC 9068 §2.2.3), or Microsoft's `scp`, a text or a list. */
function scopesOf(payload: JWTPayload): ReadonlySet<string> {
  const granted = payload['scope'] ?? payload['scp'];
  if (typeof granted === 'string') return new Set(granted.split(' '));
  return new Set(Array.isArray(granted) ? granted.map(String) : []);
}

/** Whether it says whose it is; nothing of it is verified. */
export function namesIssuer(token: string): boolean {
  return readIssuer(token) !== undefined;
}

/** Not verified yet: it says whose keys and rules are to be asked. */
function readIssuer(token: string): string | undefined {
  try {
    const { iss } = decodeJwt(token);
    return typeof iss === 'string' ? iss : undefined;
  } catch {
    return undefined;
  }
}

function reasonOf(error: unknown): TokenRefusal {
  if (error instanceof errors.JWTExpired) return 'expired';
  if (error instanceof errors.JWTClaimValidationFailed) return reasonOfClaim(error.claim);
  if (error instanceof errors.JOSEAlgNotAllowed) return 'algorithm-not-allowed';
  if (error instanceof errors.JOSENotSupported) return 'algorithm-not-allowed';
  if (error instanceof errors.JWKSNoMatchingKey) return 'unknown-key';
  // Without "kid", or with one that two keys have: nobody guesses.
  if (error instanceof errors.JWKSMultipleMatchingKeys) return 'unknown-key';
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'bad-signature';
  if (error instanceof errors.JOSEError) return 'malformed';
  // A key that cannot be imported, whatever its issuer meant by it.
  return 'unknown-key';
}

function reasonOfClaim(claim: string): TokenRefusal {
  switch (claim) {
    case 'nbf':
    case 'iat':
      return 'not-yet-valid';
    case 'aud':
      return 'wrong-audience';
    case 'iss':
      return 'unknown-issuer';
    default:
      return 'malformed';
  }
}

function refuse(reason: TokenRefusal, issuer: string | undefined): TokenVerdict {
  return { ok: false, reason, issuer };
}

function sourceOf({ jwksUri, jwksFile, caFile }: TokenIssuer): KeySource {
  if (jwksFile !== undefined) return { kind: 'file', file: jwksFile };
  return { kind: 'url', url: jwksUri ?? '', caFile };
}

function hasSameSource(one: TokenIssuer, other: TokenIssuer): boolean {
  return (
    one.jwksUri === other.jwksUri && one.jwksFile === other.jwksFile && one.caFile === other.caFile
  );
}
