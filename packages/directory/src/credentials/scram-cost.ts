/**
 * PBKDF2 rounds of SCRAM keys, where nobody chose otherwise: 4,096 at least (RFC 7677 §4), but who
 * steals the directory attacks the weaker of a password's two hashes, and argon2id takes longer.
 */
export const SCRAM_ITERATION_COUNT: number = 100_000;
