/**
 * One issuer's keys: read when first needed, read anew now and then and when a token names a key
 * that is not there, served while the issuer is away.
 *
 * - One reading at a time; logins that need it share it. Where there are keys that may be believed
 *   they wait for it `WAIT_LIMIT_MS` together, and are judged by those after that.
 * - A token can make us ask the issuer once in `COOL_DOWN_MS` and no more, whatever it names.
 * - A reading that fails changes nothing; keys that nobody could read again for `STALE_LIMIT_MS`
 *   are believed no more.
 */
import { createLocalJWKSet, type JWTVerifyGetKey } from 'jose';
import { fetchKeySet, type FetchedKeys, type KeySource } from './fetch-key-set.ts';

/** How long keys are taken as they are; older ones are read anew before a token is judged. */
const FRESH_MS = 15 * 60_000;
/** A key that was withdrawn is believed no longer than that, should the issuer be away. */
const STALE_LIMIT_MS = 24 * 3_600_000;
/** Of the 4.5 seconds of a login, while an issuer hangs whose keys are known. */
const WAIT_LIMIT_MS = 1_500;
/** Between two readings. */
const COOL_DOWN_MS = 10_000;

export interface KeysClock {
  elapsedMs(): number;
  /** @returns A function that cancels. */
  after(delayMs: number, run: () => void): () => void;
}

export interface IssuerKeysParts {
  readonly source: KeySource;
  readonly clock: KeysClock;
  /** Hears of each reading. */
  readonly onFetched: (outcome: FetchedKeys) => void;
}

interface KnownKeys {
  readonly find: JWTVerifyGetKey;
  readonly readAtMs: number;
}

/** One that is under way. */
interface Reading {
  readonly done: Promise<void>;
  /** Settles with it, or after `WAIT_LIMIT_MS` from its beginning. */
  readonly doneOrLate: Promise<void>;
}

/** `close` ends a reading that is under way. */
export class IssuerKeys {
  readonly #parts: IssuerKeysParts;
  readonly #abort = new AbortController();
  #known: KnownKeys | undefined;
  #reading: Reading | undefined;
  #triedAtMs = -Infinity;

  constructor(parts: IssuerKeysParts) {
    this.#parts = parts;
  }

  /** The keys to try a token with; undefined while there are none that may be believed. */
  async find(): Promise<JWTVerifyGetKey | undefined> {
    const ageMs = this.#ageMs();
    if (ageMs > STALE_LIMIT_MS) await this.#read()?.done;
    // A key may have been withdrawn since.
    else if (ageMs > FRESH_MS) await this.#read()?.doneOrLate;
    return this.#ageMs() <= STALE_LIMIT_MS ? this.#known?.find : undefined;
  }

  /** For a token whose key is not among them. @returns Other keys than before, if there are any. */
  async findNewer(): Promise<JWTVerifyGetKey | undefined> {
    const before = this.#known;
    await this.#read()?.done;
    return this.#known === before ? undefined : this.#known?.find;
  }

  close(): void {
    this.#abort.abort();
  }

  #ageMs(): number {
    const known = this.#known;
    return known === undefined ? Infinity : this.#parts.clock.elapsedMs() - known.readAtMs;
  }

  /** @returns The one that is under way; undefined where the last one was a moment ago. */
  #read(): Reading | undefined {
    if (this.#reading !== undefined) return this.#reading;
    const { clock } = this.#parts;
    const nowMs = clock.elapsedMs();
    if (nowMs - this.#triedAtMs < COOL_DOWN_MS) return undefined;
    this.#triedAtMs = nowMs;
    const late = Promise.withResolvers<void>();
    const cancel = clock.after(WAIT_LIMIT_MS, late.resolve);
    const done = this.#fetch().finally(() => {
      cancel();
      this.#reading = undefined;
    });
    this.#reading = { done, doneOrLate: Promise.race([done, late.promise]) };
    return this.#reading;
  }

  async #fetch(): Promise<void> {
    const { source, clock, onFetched } = this.#parts;
    const { signal } = this.#abort;
    const fetched = await fetchKeySet(source, signal);
    if (signal.aborted) return;
    if (fetched.ok) {
      this.#known = { find: createLocalJWKSet(fetched.keySet), readAtMs: clock.elapsedMs() };
    }
    onFetched(fetched);
  }
}
