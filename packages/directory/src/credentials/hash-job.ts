/**
 * The slow computations on passwords, as plain functions over octets, and the messages by which
 * the hash pool has them done in its threads.
 */
import { argon2Sync, timingSafeEqual } from 'node:crypto';
import { deriveScramKeys } from '@homeward/sasl';
import type { Argon2Costs, Argon2Hash } from './phc-string.ts';

export const HASH_BYTES = 32;

export type HashJob =
  | { readonly kind: 'verify'; readonly password: Uint8Array; readonly expected: Argon2Hash }
  | {
      readonly kind: 'derive';
      readonly password: Uint8Array;
      readonly costs: Argon2Costs;
      readonly salt: Uint8Array;
      readonly scramSalt: Uint8Array;
      readonly iterationCount: number;
    };

export type HashResult =
  | { readonly kind: 'verified'; readonly isMatch: boolean }
  | {
      readonly kind: 'derived';
      readonly hash: Uint8Array;
      readonly storedKey: Uint8Array;
      readonly serverKey: Uint8Array;
    };

/** Does a job, holding the calling thread for its whole time. */
export function runHashJob(job: HashJob): HashResult {
  if (job.kind === 'verify') {
    const { costs, salt, hash } = job.expected;
    const computed = computeArgon2(job.password, costs, salt, hash.length);
    return { kind: 'verified', isMatch: timingSafeEqual(computed, hash) };
  }
  return {
    kind: 'derived',
    hash: computeArgon2(job.password, job.costs, job.salt, HASH_BYTES),
    ...deriveScramKeys(job.password, job.scramSalt, job.iterationCount),
  };
}

function computeArgon2(
  password: Uint8Array,
  costs: Argon2Costs,
  salt: Uint8Array,
  tagLength: number,
): Buffer {
  return argon2Sync('argon2id', {
    message: password,
    nonce: salt,
    parallelism: costs.parallelism,
    tagLength,
    memory: costs.memoryKib,
    passes: costs.passCount,
  });
}
