/**
 * Conversation ids: short enough to be read out on the telephone, unique enough for a log of
 * years. They stand in log lines, in a ticket's `sid` and as the reference in refusals.
 */
import { randomBytes } from 'node:crypto';

export type ConversationId = string & { readonly __conversationId: unique symbol };

/** Crockford base32: no I, L, O and U, so that nothing is misread. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** 60 random bits: a thousand million ids collide with a chance below one half. */
const CHARACTER_COUNT = 12;
const BATCH_ID_COUNT = 128;

/** Makes ids; takes its randomness in batches, since asking for 12 octets costs a call each. */
export function createConversationIds(random: (byteCount: number) => Uint8Array = randomBytes): {
  next(): ConversationId;
} {
  let pool: Uint8Array = new Uint8Array(0);
  let position = 0;
  return {
    next() {
      if (position >= pool.length) {
        pool = random(CHARACTER_COUNT * BATCH_ID_COUNT);
        position = 0;
      }
      let id = '';
      for (let index = 0; index < CHARACTER_COUNT; index += 1) {
        id += ALPHABET[(pool[position + index] ?? 0) & 31];
      }
      position += CHARACTER_COUNT;
      return id as ConversationId;
    },
  };
}
