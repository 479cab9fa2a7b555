/**
 * For which domains this deployment takes mail, as Exchange's accepted domains: `authoritative`
 * (who has no mailbox here does not exist) or `internal-relay` (who has none here may have one
 * elsewhere). Where nothing is said, every name that the directory has is ours, and everything else
 * is elsewhere.
 */
import { normaliseMailDomain } from './mail-address.ts';

export type AcceptedDomainKind = 'authoritative' | 'internal-relay';

/** By domain: `example.org`, `*.example.org` for all below it, `*` for all others. */
export type AcceptedDomains = Readonly<Record<string, AcceptedDomainKind>>;

/** They are one setting, which every process has in memory. */
export const ACCEPTED_DOMAIN_LIMIT = 1_000;

const LABEL = /^[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}-]{0,61}[\p{L}\p{M}\p{N}])?$/u;
const DOMAIN_LIMIT_BYTES = 255;

/** Whether a text may be a key of `AcceptedDomains`. */
export function isAcceptedDomainPattern(text: string): boolean {
  if (text === '*') return true;
  const domain = text.startsWith('*.') ? text.slice(2) : text;
  if (Buffer.byteLength(domain) > DOMAIN_LIMIT_BYTES) return false;
  return domain.split('.').every((label) => LABEL.test(label));
}

/** Finds a domain's kind; made once for a value of the setting. */
export class DomainTable {
  readonly #kinds: ReadonlyMap<string, AcceptedDomainKind>;

  constructor(domains: AcceptedDomains) {
    const entries = Object.entries(domains).map(
      ([pattern, kind]) => [normaliseDomainPattern(pattern), kind] as const,
    );
    this.#kinds = new Map(entries.length === 0 ? [['*', 'internal-relay']] : entries);
  }

  /**
   * @param domain In the form of `normaliseMailDomain`; of at most 320 octets, so that looking at
   *   each of its parents has a bound.
   * @returns undefined if mail for it is not ours.
   */
  kindOf(domain: string): AcceptedDomainKind | undefined {
    const own = this.#kinds.get(domain);
    if (own !== undefined) return own;
    for (let dot = domain.indexOf('.'); dot >= 0; dot = domain.indexOf('.', dot + 1)) {
      const below = this.#kinds.get(`*${domain.slice(dot)}`);
      if (below !== undefined) return below;
    }
    return this.#kinds.get('*');
  }

  /** The domains that are named and authoritative, in their order. */
  authoritative(): readonly string[] {
    const named = [...this.#kinds].filter(([key, kind]) => {
      return kind === 'authoritative' && !key.startsWith('*');
    });
    return named.map(([domain]) => domain);
  }
}

/** The form in which a pattern is kept and compared. */
export function normaliseDomainPattern(pattern: string): string {
  return pattern.startsWith('*.')
    ? `*.${normaliseMailDomain(pattern.slice(2))}`
    : normaliseMailDomain(pattern);
}
