/**
 * One issuer's keys: read when first needed, read anew now and then and when a token names a key
 * that is not there, served while the issuer is away.
 *
 * - One reading at a time; logins that need it share it.
 * - A token can make us ask the issuer once in `COOL_DOWN_MS` and no more, whatever it names.
 * - A reading that fails changes nothing; keys that nobody could read again for `STALE_LIMIT_MS`
 *   are believed no more.
 */
import { createLocalJWKSet, type JWTVerifyGetKey } from 'jose';
import { fetchKeySet, type FetchedKeys, type KeySource } from './fetch-key-set.ts';

/** How long keys are taken as they are; older ones are read anew beside the login. */
const FRESH_MS = 15 * 60_000;
/** A key that was withdrawn is believed no longer than that, should the issuer be away. */
const STALE_LIMIT_MS = 24 * 3_600_000;
/** Between two readings. */
const COOL_DOWN_MS = 10_000;

export interface IssuerKeysParts {
  readonly source: KeySource;
  readonly elapsedMs: () => number;
  /** Hears of each reading. */
  readonly onFetched: (outcome: FetchedKeys) => void;
}

interface KnownKeys {
  readonly find: JWTVerifyGetKey;
  readonly readAtMs: number;
}

/** Holds no timer; `close` ends a reading that is under way. */
export class IssuerKeys {
  readonly #parts: IssuerKeysParts;
  readonly #abort = new AbortController();
  #known: KnownKeys | undefined;
  #reading: Promise<void> | undefined;
  #triedAtMs = -Infinity;

  constructor(parts: IssuerKeysParts) {
    this.#parts = parts;
  }

  /** The keys to try a token with; undefined while there are none that may be believed. */
  async find(): Promise<JWTVerifyGetKey | undefined> {
    const ageMs = this.#ageMs();
    if (ageMs > STALE_LIMIT_MS) await this.#read();
    // Whoever logs in meanwhile does not wait for it.
    else if (ageMs > FRESH_MS) void this.#read();
    return this.#ageMs() <= STALE_LIMIT_MS ? this.#known?.find : undefined;
  }

  /** For a token whose key is not among them. @returns Other keys than before, if there are any. */
  async findNewer(): Promise<JWTVerifyGetKey | undefined> {
    const before = this.#known;
    await this.#read();
    return this.#known === before ? undefined : this.#known?.find;
  }

  close(): void {
    this.#abort.abort();
  }

  #ageMs(): number {
    return this.#known === undefined ? Infinity : this.#parts.elapsedMs() - this.#known.readAtMs;
  }

  #read(): Promise<void> {
    if (this.#reading !== undefined) return this.#reading;
    const nowMs = this.#parts.elapsedMs();
    if (nowMs - this.#triedAtMs < COOL_DOWN_MS) return Promise.resolve();
    this.#triedAtMs = nowMs;
    this.#reading = this.#fetch().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #fetch(): Promise<void> {
    const { source, elapsedMs, onFetched } = this.#parts;
    const { signal } = this.#abort;
    const fetched = await fetchKeySet(source, signal);
    if (signal.aborted) return;
    if (fetched.ok) {
      this.#known = { find: createLocalJWKSet(fetched.keySet), readAtMs: elapsedMs() };
    }
    onFetched(fetched);
  }
}
