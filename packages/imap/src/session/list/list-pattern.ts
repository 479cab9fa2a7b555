/**
 * LIST's wildcards (RFC 3501 §6.3.8): "*" stands for anything, "%" for anything within one
 * level. Matching never takes more time than twice the square of a name's length, whatever
 * the pattern, since it keeps the set of reachable prefixes and never goes back.
 */

/** A reference and pattern made ready for matching. */
export interface ListPattern {
  /** "%" is in it, which stands for parents of what it does not reach, too (RFC 3501 §6.3.9). */
  readonly namesLevels: boolean;
  /** Characters: what a match takes is bounded by this times the path's length. */
  readonly length: number;
  matches(path: string): boolean;
}

const INBOX = 'INBOX';

/**
 * Joins reference and pattern; a pattern that starts at the root ("/…") stands by itself.
 * INBOX matches in any case (RFC 3501 §5.1), also as the first level of what is below it.
 */
export function compileListPattern(reference: string, pattern: string): ListPattern {
  const joined = collapse(pattern.startsWith('/') ? pattern.slice(1) : `${reference}${pattern}`);
  const namesLevels = joined.includes('%');
  const { length } = joined;
  if (joined === '*') return { namesLevels, length, matches: () => true };
  if (joined === '%') return { namesLevels, length, matches: (path) => !path.includes('/') };
  const literalCount = joined.replaceAll(/[*%]/g, '').length;
  return {
    namesLevels,
    length,
    matches: (path) => literalCount <= path.length && matchWildcards(joined, path),
  };
}

/** Runs of wildcards do the work of their strongest member. */
function collapse(pattern: string): string {
  return pattern.replaceAll(/[*%]{2,}/g, (run) => (run.includes('*') ? '*' : '%'));
}

function matchWildcards(pattern: string, path: string): boolean {
  let reachable = new Uint8Array(path.length + 1);
  let next = new Uint8Array(path.length + 1);
  reachable[0] = 1;
  const isInbox = path === INBOX || path.startsWith(`${INBOX}/`);
  const anyCaseLength = isInbox ? INBOX.length : 0;
  // By code unit, as `path` is compared: a letter beyond 16 bits is two symbols to both.
  for (let at = 0; at < pattern.length; at += 1) {
    advance(reachable, next, { symbol: pattern.charAt(at), path, anyCaseLength });
    [reachable, next] = [next, reachable];
  }
  return reachable[path.length] === 1;
}

interface Step {
  readonly symbol: string;
  readonly path: string;
  /** So much of the path is in capitals and matches in any case. */
  readonly anyCaseLength: number;
}

/** One pattern symbol: from the prefixes of `path` reachable before it to those behind it. */
function advance(
  reachable: Uint8Array,
  next: Uint8Array,
  { symbol, path, anyCaseLength }: Step,
): void {
  const isWildcard = symbol === '*' || symbol === '%';
  const upper = symbol.toUpperCase();
  next[0] = isWildcard ? (reachable[0] ?? 0) : 0;
  for (let end = 1; end <= path.length; end += 1) {
    const last = path[end - 1];
    if (isWildcard) {
      const mayExtend = next[end - 1] === 1 && (symbol === '*' || last !== '/');
      next[end] = reachable[end] === 1 || mayExtend ? 1 : 0;
    } else {
      const isSame = last === (end <= anyCaseLength ? upper : symbol);
      next[end] = reachable[end - 1] === 1 && isSame ? 1 : 0;
    }
  }
}
