/**
 * A bounded copy of one kind of record, kept right by the changes that the driver tells: no
 * polling, and no expiry while changes are heard.
 *
 * - Look-ups of one key at the same time share one reading.
 * - A change that comes while a reading is under way keeps its result from being stored, and
 *   look-ups that begin after the change don't join that reading.
 * - What is not there is remembered only briefly, and apart, so that somebody who tries names
 *   cannot drive out the records of people.
 * - When the directory cannot be read, copies are served up to their bounded age; a copy that is
 *   known to have changed never is, nor one of a record that was set back meanwhile.
 */
import { DirectoryUnavailableError, RecordSetBackError } from '../ports.ts';
import type { Copy, Freshness } from './freshness.ts';

export type CacheOutcome<Value> =
  | { readonly kind: 'found'; readonly value: Value }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'unavailable' };

export interface PushedCacheOptions<Value> {
  readonly freshness: Freshness;
  /** Reads the original; rejects with `DirectoryUnavailableError` when it can't be reached. */
  readonly read: (key: string) => Promise<Value | undefined>;
  readonly entryLimit: number;
  /** How long an absence is believed, unless a change of that key comes. */
  readonly absenceLifeMs: number;
}

interface Reading<Value> {
  readonly outcome: Promise<CacheOutcome<Value>>;
  readonly beganAtMs: number;
  isOvertaken: boolean;
}

/** What was read so short a time ago is as good as a new reading, for who doubts a copy. */
const NEWLY_READ_MS = 100;

export class PushedCache<Value> {
  readonly #options: PushedCacheOptions<Value>;
  /** Least recently used first. */
  readonly #copies = new Map<string, Copy<Value>>();
  /** Key to when it was found absent, oldest first. */
  readonly #absentAtMs = new Map<string, number>();
  readonly #readings = new Map<string, Reading<Value>>();

  constructor(options: PushedCacheOptions<Value>) {
    this.#options = options;
  }

  /** How many copies there are. */
  get size(): number {
    return this.#copies.size;
  }

  async look(key: string): Promise<CacheOutcome<Value>> {
    const { freshness } = this.#options;
    const copy = this.#copies.get(key);
    if (copy !== undefined && freshness.isCurrent(copy)) {
      this.#copies.delete(key);
      this.#copies.set(key, copy);
      return { kind: 'found', value: copy.value };
    }
    if (copy === undefined && this.#isKnownAbsent(key)) return { kind: 'unknown' };
    const outcome = await this.#read(key);
    if (outcome.kind !== 'unavailable') return outcome;
    // Looked up again: it may have been dropped or replaced during the attempt.
    const old = this.#copies.get(key);
    if (old === undefined || !freshness.isUsableWhenAway(old)) return outcome;
    return { kind: 'found', value: old.value };
  }

  /**
   * Looks past copies, for somebody who has reason to think that they are old: what is found was
   * read just now, and is not what he doubts. Many who doubt the same at once cost one reading.
   */
  async lookAnew(key: string, isDoubted: (value: Value) => boolean): Promise<CacheOutcome<Value>> {
    const { freshness } = this.#options;
    const newMs = freshness.nowMs() - NEWLY_READ_MS;
    const copy = this.#copies.get(key);
    const isNew = copy !== undefined && copy.readAtMs >= newMs && freshness.isCurrent(copy);
    if (isNew && !isDoubted(copy.value)) return { kind: 'found', value: copy.value };
    const underWay = this.#readings.get(key);
    if (underWay !== undefined && underWay.beganAtMs < newMs) this.#overtake(key);
    return this.#read(key);
  }

  /** The record has changed: nothing read before now may be served. */
  drop(key: string): void {
    this.#copies.delete(key);
    this.#absentAtMs.delete(key);
    this.#overtake(key);
  }

  /** Any record may have changed; call it before the driver counts as in sync again. */
  doubtAll(): void {
    for (const copy of this.#copies.values()) this.#options.freshness.doubt(copy);
    this.#absentAtMs.clear();
    for (const key of this.#readings.keys()) this.#overtake(key);
  }

  #overtake(key: string): void {
    const reading = this.#readings.get(key);
    if (reading === undefined) return;
    reading.isOvertaken = true;
    this.#readings.delete(key);
  }

  #isKnownAbsent(key: string): boolean {
    const absentAtMs = this.#absentAtMs.get(key);
    if (absentAtMs === undefined) return false;
    const { freshness, absenceLifeMs } = this.#options;
    return freshness.isInSync() && freshness.nowMs() - absentAtMs < absenceLifeMs;
  }

  #read(key: string): Promise<CacheOutcome<Value>> {
    const underWay = this.#readings.get(key);
    if (underWay !== undefined) return underWay.outcome;
    const readAtMs = this.#options.freshness.nowMs();
    const outcome = this.#attempt(key).then((result) => {
      if (this.#readings.get(key) === reading) this.#readings.delete(key);
      if (!reading.isOvertaken) this.#store(key, result, readAtMs);
      return result;
    });
    const reading: Reading<Value> = { outcome, beganAtMs: readAtMs, isOvertaken: false };
    this.#readings.set(key, reading);
    return outcome;
  }

  async #attempt(key: string): Promise<CacheOutcome<Value>> {
    try {
      const value = await this.#options.read(key);
      return value === undefined ? { kind: 'unknown' } : { kind: 'found', value };
    } catch (error) {
      // The copy is of what was lost: what was changed since is not in it, nor known.
      if (error instanceof RecordSetBackError) this.#copies.delete(key);
      if (error instanceof DirectoryUnavailableError) return { kind: 'unavailable' };
      this.#readings.delete(key);
      throw error;
    }
  }

  #store(key: string, outcome: CacheOutcome<Value>, readAtMs: number): void {
    if (outcome.kind === 'unavailable') return;
    this.#copies.delete(key);
    this.#absentAtMs.delete(key);
    const { entryLimit } = this.#options;
    if (outcome.kind === 'unknown') {
      this.#absentAtMs.set(key, readAtMs);
      dropOldest(this.#absentAtMs, entryLimit);
    } else {
      this.#copies.set(key, { value: outcome.value, readAtMs, rightUntilMs: undefined });
      dropOldest(this.#copies, entryLimit);
    }
  }
}

function dropOldest(map: Map<string, unknown>, limit: number): void {
  if (map.size <= limit) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}
