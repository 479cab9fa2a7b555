/**
 * argon2id hashes as PHC strings: `$argon2id$v=19$m=19456,t=2,p=1$<salt>$<hash>`, base64 without
 * padding (the format of the Password Hashing Competition). Read strictly, in the one spelling
 * that `formatArgon2Hash` writes, and within bounds, since the numbers decide how much memory and
 * time a verification takes.
 */

/** Costs of argon2id (RFC 9106 §3.1). */
export interface Argon2Costs {
  /** 8 × parallelism to 1,048,576 (1 GiB). */
  readonly memoryKib: number;
  /** 1 to 64. */
  readonly passCount: number;
  /** 1 to 16. */
  readonly parallelism: number;
}

export interface Argon2Hash {
  readonly costs: Argon2Costs;
  /** 8 to 64 octets. */
  readonly salt: Uint8Array;
  /** 16 to 64 octets. */
  readonly hash: Uint8Array;
}

const PHC =
  /^\$argon2id\$v=19\$m=([1-9]\d{0,6}),t=([1-9]\d?),p=([1-9]\d?)\$([A-Za-z0-9+/]{1,86})\$([A-Za-z0-9+/]{1,86})$/;

/** Undefined for anything but such a hash: other algorithms, spellings, or numbers too high. */
export function parseArgon2Hash(text: string): Argon2Hash | undefined {
  const [, memory, passes, parallelism, salt64, hash64] = PHC.exec(text) ?? [];
  const salt = decode(salt64, 8);
  const hash = decode(hash64, 16);
  const costs = {
    memoryKib: Number(memory),
    passCount: Number(passes),
    parallelism: Number(parallelism),
  };
  if (salt === undefined || hash === undefined || findCostProblem(costs) !== undefined) {
    return undefined;
  }
  return { costs, salt, hash };
}

export function formatArgon2Hash({ costs, salt, hash }: Argon2Hash): string {
  const { memoryKib, passCount, parallelism } = costs;
  return `$argon2id$v=19$m=${memoryKib},t=${passCount},p=${parallelism}$${encode(salt)}$${encode(hash)}`;
}

/** What is wrong with these costs, in a sentence; undefined if they can be used. */
export function findCostProblem(costs: Argon2Costs): string | undefined {
  const { memoryKib, passCount, parallelism } = costs;
  if (!isBetween(parallelism, 1, 16)) return 'argon2 parallelism is 1 to 16';
  if (!isBetween(passCount, 1, 64)) return 'the argon2 pass count is 1 to 64';
  if (!isBetween(memoryKib, 8 * parallelism, 1_048_576)) {
    return 'argon2 memory is 8 KiB for each lane to 1,048,576 KiB';
  }
  return undefined;
}

function isBetween(value: number, low: number, high: number): boolean {
  return Number.isInteger(value) && value >= low && value <= high;
}

function encode(octets: Uint8Array): string {
  return Buffer.from(octets).toString('base64').replace(/=+$/, '');
}

/** Base64 in its one proper spelling: no stray bits at the end. */
function decode(text: string | undefined, minBytes: number): Buffer | undefined {
  if (text === undefined) return undefined;
  const octets = Buffer.from(text, 'base64');
  if (octets.length < minBytes || octets.length > 64 || encode(octets) !== text) return undefined;
  return octets;
}
