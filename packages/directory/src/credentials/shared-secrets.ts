/**
 * Passwords that were right at some front end within the last day, so that the clients of one that
 * died cost the others no argon2. What is kept, in the store that may be lost, is an HMAC over the
 * account, its version, its stored hash and the password. Its key is never in the store: without
 * it what is there is worth nothing, and front ends that have no common key share nothing.
 */
import { createHmac } from 'node:crypto';
import { isBlockedKind } from '../login-policy.ts';
import { DirectoryUnavailableError, type LoginRecord } from '../ports.ts';
import type { ThrottleStore } from '../throttle/throttle-store.ts';
import { preparePassword } from './sasl-prep.ts';

/** As long as a key is meant to be used. */
const LIFE_MS = 86_400_000;
/** Passwords of one account. */
const LIMIT = 8;
const KEY_LABEL = 'homeward passwords that were right';

export interface SharedSecrets {
  /** @returns The mark of a password; undefined where there is no common key, or none may be. */
  markOf(login: LoginRecord, password: Uint8Array): Promise<string | undefined>;
  /** Whether a password with this mark was right lately. Never rejects: false in doubt. */
  has(login: LoginRecord, mark: string): Promise<boolean>;
  /** Never rejects: it may be lost. */
  add(login: LoginRecord, mark: string): Promise<void>;
}

/** @param readKey The common key as it is now; undefined: there is none. At least 32 octets. */
export function createSharedSecrets(
  store: Pick<ThrottleStore, 'read' | 'note'>,
  readKey: () => Promise<Uint8Array | undefined>,
): SharedSecrets {
  return {
    async markOf({ account, credentials }, password) {
      if (credentials === undefined || isBlockedKind(account.kind)) return undefined;
      const common = await readKey();
      if (common === undefined) return undefined;
      const key = createHmac('sha256', common).update(KEY_LABEL).digest();
      return createHmac('sha256', key)
        .update(`${account.id} ${account.version} ${credentials.argon2id}\0`)
        .update(preparePassword(password))
        .digest('base64url');
    },
    async has({ account }, mark) {
      const [members = []] = (await orNothing(store.read([laneOf(account.id)]))) ?? [];
      return members.some(({ name }) => name === mark);
    },
    async add({ account }, mark) {
      await orNothing(store.note(laneOf(account.id), mark, { lifeMs: LIFE_MS, limit: LIMIT }));
    },
  };
}

function laneOf(id: string): string {
  return `right:${id}`;
}

async function orNothing<Result>(call: Promise<Result>): Promise<Result | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof DirectoryUnavailableError) return undefined;
    throw error;
  }
}
