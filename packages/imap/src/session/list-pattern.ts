/**
 * LIST's wildcards (RFC 3501 §6.3.8): "*" stands for anything, "%" for anything within one
 * level. Matching never takes more time than twice the square of a name's length, whatever
 * the pattern, since it keeps the set of reachable prefixes and never goes back.
 */

/** A reference and pattern made ready for matching. */
export interface ListPattern {
  matches(path: string): boolean;
}

/**
 * Joins reference and pattern; a pattern that starts at the root ("/…") stands by itself.
 * INBOX matches in any case (RFC 3501 §5.1).
 */
export function compileListPattern(reference: string, pattern: string): ListPattern {
  const joined = collapse(pattern.startsWith('/') ? pattern.slice(1) : `${reference}${pattern}`);
  if (joined === '*') return { matches: () => true };
  if (joined === '%') return { matches: (path) => !path.includes('/') };
  const ignoringCase = joined.toUpperCase();
  const literalCount = joined.replaceAll(/[*%]/g, '').length;
  return {
    matches: (path) =>
      literalCount <= path.length && matchWildcards(path === 'INBOX' ? ignoringCase : joined, path),
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
  // By code unit, as `path` is compared: a letter beyond 16 bits is two symbols to both.
  for (let at = 0; at < pattern.length; at += 1) {
    advance(reachable, next, pattern.charAt(at), path);
    [reachable, next] = [next, reachable];
  }
  return reachable[path.length] === 1;
}

/** One pattern symbol: from the prefixes of `path` reachable before it to those behind it. */
function advance(reachable: Uint8Array, next: Uint8Array, symbol: string, path: string): void {
  const isWildcard = symbol === '*' || symbol === '%';
  next[0] = isWildcard ? (reachable[0] ?? 0) : 0;
  for (let end = 1; end <= path.length; end += 1) {
    const last = path[end - 1];
    if (isWildcard) {
      const mayExtend = next[end - 1] === 1 && (symbol === '*' || last !== '/');
      next[end] = reachable[end] === 1 || mayExtend ? 1 : 0;
    } else {
      next[end] = reachable[end - 1] === 1 && last === symbol ? 1 : 0;
    }
  }
}
