/**
 * Sequence sets and UID sets (RFC 3501 §9 sequence-set).
 */

/** A range as sent; `undefined` stands for "*". Ends may come in either order. */
export interface NumberRange {
  readonly first: number | undefined;
  readonly last: number | undefined;
}

/** At least one range; each number is 1 to 2^32-1. */
export type NumberSet = readonly NumberRange[];
