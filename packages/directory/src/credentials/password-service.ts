/**
 * Makes credential sets and verifies passwords against them.
 *
 * Equal time: every verification computes one argon2, for an account that does not exist, has no
 * password, is of a blocked kind, or whose password is wrong alike. The only short cut is for a
 * password that was right within the last minutes, which tells nobody anything he did not know;
 * and not for blocked kinds, where it would tell that the password was right.
 * Gap: an account whose hash was made with other costs than the present ones takes its own time.
 */
import { randomBytes } from 'node:crypto';
import type { ScramParameters } from '@homeward/sasl';
import { systemClock, type Clock } from '../clock.ts';
import { isBlockedKind } from '../login-policy.ts';
import type { CredentialSet, LoginRecord } from '../ports.ts';
import { HASH_BYTES, type HashResult } from './hash-job.ts';
import { HashPool, type HashShortcut, type HashTurn } from './hash-pool.ts';
import {
  findCostProblem,
  formatArgon2Hash,
  parseArgon2Hash,
  type Argon2Costs,
  type Argon2Hash,
} from './phc-string.ts';
import { preparePassword } from './sasl-prep.ts';
import { SCRAM_ITERATION_COUNT } from './scram-cost.ts';
import { VerifiedSecrets } from './verified-secrets.ts';

/** Longer ones are refused when set, and never right. */
export const PASSWORD_LIMIT_BYTES = 1_024;
const SALT_BYTES = 16;

export interface PasswordServiceOptions {
  /** Default m=19456 KiB, t=2, p=1 (OWASP's for argon2id). */
  readonly argon2?: Argon2Costs | undefined;
  /**
   * PBKDF2 rounds of the SCRAM keys, at least 4,096 (RFC 7677 §4); see `scram-cost.ts`.
   */
  readonly scramIterationCount?: number | undefined;
  /** Threads that hash; default 1. */
  readonly threadCount?: number | undefined;
  /** Passwords that may wait for a thread; default 64, about 3 s of one thread. */
  readonly queueLimit?: number | undefined;
  /** Longest that a password may have to wait for a thread; default 3 s. */
  readonly waitLimitMs?: number | undefined;
  /** How long a right password is remembered, as a keyed hash; default 5 min, 0 never. */
  readonly rememberMs?: number | undefined;
  /** How many are remembered; default 10,000. */
  readonly rememberLimit?: number | undefined;
  readonly clock?: Clock | undefined;
  readonly randomOctets?: ((count: number) => Uint8Array) | undefined;
  /** Told of each verification that computed a hash, for metrics. */
  readonly onHashed?: (() => void) | undefined;
  /** Told of a hash thread that died. */
  readonly onFault?: ((error: Error) => void) | undefined;
}

/** `busy`: too many wait; nothing was computed, and nothing is known about the password. */
export type VerifyOutcome = 'match' | 'mismatch' | 'busy';

export type CreateCredentialsOutcome =
  | { readonly ok: true; readonly credentials: CredentialSet }
  | { readonly ok: false; readonly reason: 'empty' | 'too-long' | 'busy' };

export interface PasswordService {
  /**
   * Makes everything that a password leaves behind.
   *
   * @param scram The salt of the account's other SCRAM keys, if it has some.
   */
  createCredentialSet(
    password: string | Uint8Array,
    scram?: ScramParameters,
  ): Promise<CreateCredentialsOutcome>;
  /**
   * @param login The account as the directory has it now; undefined for an unknown name.
   * @param turn After all others by default.
   */
  verifyPassword(
    login: LoginRecord | undefined,
    password: Uint8Array,
    turn?: HashTurn,
  ): Promise<VerifyOutcome>;
  /**
   * Whether this password of this account, as it is now, was right a moment ago; computes no hash.
   * Never so for blocked kinds.
   */
  isRemembered(login: LoginRecord, password: Uint8Array): boolean;
  /** Takes another's word for it that the password is right, as if it had been verified here. */
  remember(login: LoginRecord, password: Uint8Array): void;
  /** Whether the set was made with other costs than new ones are. */
  isOutdated(credentials: CredentialSet): boolean;
  /** Forgets all remembered passwords. */
  forgetAll(): void;
  /** Passwords that wait or are being computed, for metrics. */
  readonly load: number;
  close(): Promise<void>;
}

/** The caller closes it. Throws a RangeError for costs that cannot be right. */
export function createPasswordService(options: PasswordServiceOptions = {}): PasswordService {
  return new PooledPasswordService(options);
}

class PooledPasswordService implements PasswordService {
  readonly #costs: Argon2Costs;
  readonly #iterationCount: number;
  readonly #rememberMs: number;
  readonly #clock: Clock;
  readonly #randomOctets: (count: number) => Uint8Array;
  readonly #onHashed: (() => void) | undefined;
  readonly #pool: HashPool;
  readonly #verified: VerifiedSecrets;
  /** Stands in for the hash of an account that isn't there; no password has this hash. */
  readonly #dummy: Argon2Hash;

  constructor(options: PasswordServiceOptions) {
    const { argon2 = { memoryKib: 19_456, passCount: 2, parallelism: 1 } } = options;
    const problem = findCostProblem(argon2);
    if (problem !== undefined) throw new RangeError(problem);
    this.#costs = argon2;
    this.#iterationCount = options.scramIterationCount ?? SCRAM_ITERATION_COUNT;
    if (!(this.#iterationCount >= 4_096 && this.#iterationCount <= 10_000_000)) {
      throw new RangeError('The SCRAM iteration count is 4,096 to 10,000,000');
    }
    this.#rememberMs = options.rememberMs ?? 5 * 60_000;
    this.#clock = options.clock ?? systemClock;
    this.#randomOctets = options.randomOctets ?? randomBytes;
    this.#onHashed = options.onHashed;
    this.#pool = new HashPool({
      threadCount: options.threadCount ?? 1,
      queueLimit: options.queueLimit ?? 64,
      waitLimitMs: options.waitLimitMs ?? 3_000,
      clock: this.#clock,
      onFault: options.onFault,
    });
    const rememberLimit = options.rememberLimit ?? 10_000;
    this.#verified = new VerifiedSecrets(this.#clock, this.#rememberMs, rememberLimit);
    const salt = this.#randomOctets(SALT_BYTES);
    this.#dummy = { costs: argon2, salt, hash: this.#randomOctets(HASH_BYTES) };
  }

  get load(): number {
    return this.#pool.load;
  }

  async createCredentialSet(
    password: string | Uint8Array,
    scram?: ScramParameters,
  ): Promise<CreateCredentialsOutcome> {
    const typed = typeof password === 'string' ? Buffer.from(password) : password;
    if (typed.length > PASSWORD_LIMIT_BYTES) return { ok: false, reason: 'too-long' };
    const prepared = preparePassword(typed);
    if (prepared.length === 0) return { ok: false, reason: 'empty' };
    const salt = this.#randomOctets(SALT_BYTES);
    const scramSalt =
      scram === undefined ? this.#randomOctets(SALT_BYTES) : Buffer.from(scram.salt, 'base64');
    const iterationCount = scram?.iterationCount ?? this.#iterationCount;
    const result = await this.#pool.run({
      kind: 'derive',
      password: prepared,
      costs: this.#costs,
      salt,
      scramSalt,
      iterationCount,
    });
    if (result?.kind !== 'derived') return { ok: false, reason: 'busy' };
    const credentials = {
      argon2id: formatArgon2Hash({ costs: this.#costs, salt, hash: result.hash }),
      scramSha256: {
        salt: toBase64(scramSalt),
        iterationCount,
        storedKey: toBase64(result.storedKey),
        serverKey: toBase64(result.serverKey),
      },
      setAtMs: this.#clock.nowMs(),
    };
    return { ok: true, credentials };
  }

  async verifyPassword(
    login: LoginRecord | undefined,
    password: Uint8Array,
    turn?: HashTurn,
  ): Promise<VerifyOutcome> {
    const isTooLong = password.length > PASSWORD_LIMIT_BYTES;
    const prepared = isTooLong ? Buffer.of(0) : preparePassword(password);
    const stored = login?.credentials && parseArgon2Hash(login.credentials.argon2id);
    if (login === undefined || stored === undefined || isTooLong || prepared.length === 0) {
      return toMismatch(await this.#compute(this.#dummy, prepared, turn));
    }
    if (isBlockedKind(login.account.kind) || this.#rememberMs === 0) {
      return this.#compute(stored, prepared, turn);
    }
    return this.#verifyAndRemember(this.#verified.markOf(login, prepared), stored, prepared, turn);
  }

  isRemembered(login: LoginRecord, password: Uint8Array): boolean {
    if (this.#rememberMs === 0 || isBlockedKind(login.account.kind)) return false;
    if (password.length > PASSWORD_LIMIT_BYTES) return false;
    return this.#verified.has(this.#verified.markOf(login, preparePassword(password)));
  }

  remember(login: LoginRecord, password: Uint8Array): void {
    if (this.#rememberMs === 0 || isBlockedKind(login.account.kind)) return;
    this.#verified.add(this.#verified.markOf(login, preparePassword(password)));
  }

  isOutdated(credentials: CredentialSet): boolean {
    const costs = parseArgon2Hash(credentials.argon2id)?.costs;
    return (
      costs?.memoryKib !== this.#costs.memoryKib ||
      costs.passCount !== this.#costs.passCount ||
      costs.parallelism !== this.#costs.parallelism ||
      credentials.scramSha256.iterationCount !== this.#iterationCount
    );
  }

  forgetAll(): void {
    this.#verified.clear();
  }

  async close(): Promise<void> {
    this.#verified.clear();
    await this.#pool.close();
  }

  /**
   * Connections that come at once each take their turn in the queue, but once one of them found
   * the password right the others' turns cost nothing. A wrong password costs every one of them
   * its computation, as an unknown name does.
   */
  async #verifyAndRemember(
    mark: string,
    stored: Argon2Hash,
    prepared: Uint8Array,
    turn: HashTurn | undefined,
  ): Promise<VerifyOutcome> {
    const find = (): HashResult | undefined =>
      this.#verified.has(mark) ? { kind: 'verified', isMatch: true } : undefined;
    const note = (result: HashResult): void => {
      if (result.kind === 'verified' && result.isMatch) this.#verified.add(mark);
    };
    if (find() !== undefined) return 'match';
    return this.#compute(stored, prepared, turn, { find, note });
  }

  async #compute(
    expected: Argon2Hash,
    password: Uint8Array,
    turn?: HashTurn,
    shortcut?: HashShortcut,
  ): Promise<VerifyOutcome> {
    let isSpared = false;
    const result = await this.#pool.run(
      { kind: 'verify', password, expected },
      shortcut && {
        note: shortcut.note,
        find: () => {
          const known = shortcut.find();
          isSpared = known !== undefined;
          return known;
        },
      },
      turn,
    );
    if (result?.kind !== 'verified') return 'busy';
    if (!isSpared) this.#onHashed?.();
    return result.isMatch ? 'match' : 'mismatch';
  }
}

function toMismatch(outcome: VerifyOutcome): VerifyOutcome {
  return outcome === 'busy' ? 'busy' : 'mismatch';
}

function toBase64(octets: Uint8Array): string {
  return Buffer.from(octets).toString('base64');
}
