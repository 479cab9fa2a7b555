/** Random choices that come out the same for the same seed, so that samples are repeatable. */

/** Draws numbers, picks and identifiers; each draw changes what comes next. */
export interface SeededRandom {
  /** A whole number from 0 up to, but not including, `limit`. */
  below(limit: number): number;
  /** One of the items; there must be one. */
  pick<Item>(items: readonly Item[]): Item;
  /** Lower-case hexadecimal digits. */
  hex(digitCount: number): string;
  /** Pseudo-random octets, as incompressible as a picture. */
  octets(count: number): Buffer;
}

/** xorshift32 over a mixed seed: plenty for samples, useless for secrets. */
export function createSeededRandom(seed: number): SeededRandom {
  let state = Math.imul((seed | 0) ^ 0x9e37_79b9, 0x85eb_ca6b) | 0 || 1;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
  for (let round = 0; round < 8; round++) next();
  const below = (limit: number): number => Math.floor((next() / 0x1_0000_0000) * limit);
  return {
    below,
    pick: (items) => items[below(items.length)] as (typeof items)[number],
    hex: (digitCount) => Array.from({ length: digitCount }, () => below(16).toString(16)).join(''),
    octets: (count) => Buffer.from(Uint8Array.from({ length: count }, () => next() >>> 24)),
  };
}
