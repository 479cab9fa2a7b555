/**
 * App passwords: made here for one program each, never chosen by people, so each has 125 random
 * bits. Nobody guesses those, also not who has stolen the directory, so they need no slow hash: a
 * login costs one SHA-256 whatever their number, and one that is right waits for no queue.
 *
 * An account's app passwords, and its password, have their SCRAM keys from one salt: a server names
 * one before it knows which secret its client has (RFC 5802 §5.1).
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { deriveScramKeys } from '@homeward/sasl';
import { isBlockedKind } from '../login-policy.ts';
import type { AccountId, AppPassword, AppPasswords, LoginRecord, Protocol } from '../ports.ts';
import { SCRAM_ITERATION_COUNT } from './scram-cost.ts';

/** Of one account: they are read at every login. */
export const APP_PASSWORD_COUNT_LIMIT = 50;
export const APP_PASSWORD_LABEL_LIMIT = 100;

/** Crockford's base32 in small letters, five bits each: no i, l, o and u. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const GROUP_COUNT = 5;
const GROUP_CHARACTERS = 5;
const SECRET = /^[0-9a-hjkmnp-tv-z]{25}$/u;
/** With what people put between groups. */
const TYPED_LIMIT_BYTES = 64;
const ID_CHARACTERS = 8;
const SALT_BYTES = 16;

/** What is asked for. */
export interface NewAppPassword {
  readonly label: string;
  readonly protocols: readonly Protocol[];
}

export interface MadeAppPassword {
  /** To be shown once: `k3fd9-x8mq2-…`. SCRAM wants it exactly so. */
  readonly secret: string;
  readonly appPassword: AppPassword;
  readonly appPasswords: AppPasswords;
}

/** Holds the thread for SCRAM's rounds: for operators' commands, not for services. */
export function makeAppPassword(
  login: LoginRecord,
  { label, protocols }: NewAppPassword,
  nowMs: number,
  randomOctets: (count: number) => Uint8Array,
): MadeAppPassword {
  const groups = Array.from({ length: GROUP_COUNT }, () => draw(GROUP_CHARACTERS, randomOctets));
  const secret = groups.join('-');
  const scram = scramOf(login, randomOctets);
  const salt = Buffer.from(scram.salt, 'base64');
  const keys = deriveScramKeys(Buffer.from(secret), salt, scram.iterationCount);
  const appPassword: AppPassword = {
    id: draw(ID_CHARACTERS, randomOctets),
    label,
    protocols,
    createdAtMs: nowMs,
    sha256: digest(login.account.id, groups.join('')).toString('base64'),
    storedKey: Buffer.from(keys.storedKey).toString('base64'),
    serverKey: Buffer.from(keys.serverKey).toString('base64'),
  };
  const all = [...(login.appPasswords?.all ?? []), appPassword];
  return { secret, appPassword, appPasswords: { scram, all } };
}

/**
 * The app password that was typed, in any case and with or without what stands between its groups.
 * Nothing for accounts of a kind that never gets in.
 */
export function findAppPassword(
  login: LoginRecord | undefined,
  typed: Uint8Array,
  protocol: Protocol,
): AppPassword | undefined {
  const usable = usableAppPasswords(login, protocol);
  if (login === undefined || usable.length === 0 || typed.length > TYPED_LIMIT_BYTES) {
    return undefined;
  }
  const secret = Buffer.from(typed).toString('latin1').replaceAll(/[- ]/gu, '').toLowerCase();
  if (!SECRET.test(secret)) return undefined;
  const wanted = digest(login.account.id, secret);
  let found: AppPassword | undefined;
  // All of them, so that the time tells nothing of their order.
  for (const one of usable) {
    const kept = Buffer.from(one.sha256, 'base64');
    if (kept.length === wanted.length && timingSafeEqual(kept, wanted)) found = one;
  }
  return found;
}

/** Those that may be used for a protocol now. */
export function usableAppPasswords(
  login: LoginRecord | undefined,
  protocol: Protocol,
): readonly AppPassword[] {
  if (login?.appPasswords === undefined || isBlockedKind(login.account.kind)) return [];
  return login.appPasswords.all.filter(({ protocols }) => protocols.includes(protocol));
}

/** The account's own id in it: the same secret would look different elsewhere. */
function digest(id: AccountId, secret: string): Buffer {
  return createHash('sha256').update(`homeward app password\0${id}\0${secret}`).digest();
}

function scramOf(
  { appPasswords, credentials }: LoginRecord,
  randomOctets: (count: number) => Uint8Array,
): AppPasswords['scram'] {
  if (appPasswords !== undefined) return appPasswords.scram;
  if (credentials !== undefined) {
    const { salt, iterationCount } = credentials.scramSha256;
    return { salt, iterationCount };
  }
  const salt = Buffer.from(randomOctets(SALT_BYTES)).toString('base64');
  return { salt, iterationCount: SCRAM_ITERATION_COUNT };
}

function draw(characterCount: number, randomOctets: (count: number) => Uint8Array): string {
  return [...randomOctets(characterCount)].map((octet) => ALPHABET[octet & 31]).join('');
}
