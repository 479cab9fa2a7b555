/**
 * Account ids: ULIDs, 48 bits of time and 80 of randomness as 26 characters of Crockford base32.
 * They sort by time of creation, carry no name and are never used again. Ids of accounts that come
 * from another directory are of the same form, but made from the entry's own id: front ends that
 * meet the same person at once make the same account.
 */
import { createHash } from 'node:crypto';
import type { AccountId } from './ports.ts';

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** 26 digits hold 130 bits; the first may not pass 7 (128 bits). */
const ACCOUNT_ID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

/**
 * Makes ids. Two made in the same millisecond differ by their randomness alone and have no
 * order between them.
 *
 * @param nowMs Wall clock.
 * @param randomOctets Gives that many unpredictable octets (`crypto.randomBytes`).
 */
export function createAccountIdSource(
  nowMs: () => number,
  randomOctets: (count: number) => Uint8Array,
): () => AccountId {
  return () => {
    let bits = BigInt(nowMs()) & 0xffff_ffff_ffffn;
    for (const octet of randomOctets(10)) bits = (bits << 8n) | BigInt(octet);
    return formatBits(bits);
  };
}

/**
 * The id of the account that belongs to an entry elsewhere; the same for the same entry, always.
 *
 * @param entryId Unique and never used again there, such as an entryUUID (RFC 4530).
 */
export function accountIdOfEntry(entryId: string): AccountId {
  const digest = createHash('sha256').update(`entry\0${entryId}`).digest('hex');
  return formatBits(BigInt(`0x${digest.slice(0, 32)}`));
}

/** @param bits At most 128. */
function formatBits(bits: bigint): AccountId {
  let text = '';
  for (let shift = 125n; shift >= 0n; shift -= 5n) text += ALPHABET[Number((bits >> shift) & 31n)];
  return text as AccountId;
}

/** Reads an id; lower case is taken too. Undefined if it is none. */
export function parseAccountId(text: string): AccountId | undefined {
  const upper = text.length === 26 ? text.toUpperCase() : '';
  return ACCOUNT_ID.test(upper) ? (upper as AccountId) : undefined;
}
