/**
 * People as LDAP knows them: finds entries, from copies of a short age, and tries secrets. Which
 * account somebody is, and whether he may log in, is `ldap-accounts.ts`'s to say.
 */
import { EqualityFilter, type Filter } from 'ldapts';
import { LRUCache } from 'lru-cache';
import type { BindVerdict, LdapConnection } from '../client/ldap-connection.ts';
import { LdapFailure } from '../client/ldap-failure.ts';
import { type Answered, ServerGroup } from '../client/server-group.ts';
import { isWindows, type LdapEntry, listAttributes, readEntry } from '../entry/ldap-entry.ts';
import { findLdapProblem, type LdapSettings, resolvePreset } from '../settings/ldap-settings.ts';
import { fillDn, fillFilter, openFilter, splitLogin } from '../settings/login-words.ts';

/** Why LDAP could not say; ours, never the person's fault. */
export interface Unavailable {
  readonly kind: 'unavailable';
  readonly detail: string;
}

export type EntryLookup =
  | {
      readonly kind: 'found';
      readonly entry: LdapEntry;
      /** Which server said so. */
      readonly url: string;
      /** Read a while ago, not just now. */
      readonly isCopy: boolean;
    }
  /** `detail` is for the log: nobody, or more than one. */
  | { readonly kind: 'unknown'; readonly detail: string }
  | Unavailable;

export type SecretVerdict =
  | { readonly kind: 'match' }
  | { readonly kind: 'mismatch'; readonly detail: string }
  | Unavailable;

export interface LdapDirectoryOptions {
  readonly settings: LdapSettings;
  readonly elapsedMs: () => number;
  /** Reads `caFile`; rejects as `readFile` does. */
  readonly readFile: (file: string) => Promise<string>;
  /** Reads `bindPasswordFile`. */
  readonly readSecretFile: (file: string) => Promise<string>;
  /** Told when a server begins or ceases to be used; must not throw. */
  readonly onAvailability: (url: string, isAvailable: boolean, reason: string) => void;
  /** Told of each question, for metrics; must not throw. */
  readonly onAsked?: ((asked: AskedQuestion) => void) | undefined;
}

/** One question to the servers, whichever answered. */
export interface AskedQuestion {
  readonly operation: 'search' | 'bind';
  readonly outcome: 'answered' | 'unavailable';
  readonly durationMs: number;
}

/** Entries, and names that nobody has, that are remembered. */
const CACHE_LIMIT = 10_000;

/** With one set of settings: other settings, another object. Close it. */
export class LdapDirectory {
  readonly settings: LdapSettings;
  readonly #options: LdapDirectoryOptions;
  readonly #found: LRUCache<string, Extract<EntryLookup, { kind: 'found' }>>;
  readonly #absent: LRUCache<string, Extract<EntryLookup, { kind: 'unknown' }>>;
  /** Ids of entries that were found at some time, the last one first. */
  readonly #seen = new LRUCache<string, true>({ max: CACHE_LIMIT });
  #group: Promise<ServerGroup> | undefined;
  #isClosed = false;

  constructor(options: LdapDirectoryOptions) {
    this.#options = options;
    const { settings, elapsedMs } = options;
    this.settings = settings;
    // Apart, so that somebody who tries names does not drive out people's entries.
    const shared = { max: CACHE_LIMIT, perf: { now: elapsedMs }, ttlResolution: 0 };
    this.#found = new LRUCache({ ...shared, ttl: settings.entrySeconds * 1000 });
    this.#absent = new LRUCache({ ...shared, ttl: settings.absenceSeconds * 1000 });
  }

  get isOn(): boolean {
    return this.settings.servers.length > 0;
  }

  /** Of entries that were found with these settings, the latest first; bounded. */
  get seenIds(): readonly string[] {
    return [...this.#seen.keys()];
  }

  hasSeen(entryId: string): boolean {
    return this.#seen.has(entryId);
  }

  /** What keeps it from working, for operators. */
  get problem(): string | undefined {
    return findLdapProblem(this.settings);
  }

  /**
   * @param login Normalised by `normaliseLoginName`.
   * @param isAnew Past what is remembered.
   */
  async findByLogin(login: string, isAnew = false): Promise<EntryLookup> {
    const words = splitLogin(login);
    const { domain, dnTemplate, base } = this.settings;
    if (domain !== '' && login.includes('\\') && words.domain !== domain.toLowerCase()) {
      return { kind: 'unknown', detail: 'another domain' };
    }
    const { filter } = resolvePreset(this.settings);
    return this.#find(`login ${login}`, isAnew, () =>
      dnTemplate === ''
        ? { base, scope: 'sub', filter: fillFilter(filter, words) }
        : { base: fillDn(dnTemplate, words), scope: 'base', filter: '(objectClass=*)' },
    );
  }

  /** @param entryId `LdapEntry.id`: found whatever the entry is called by now. */
  async findById(entryId: string, isAnew = false): Promise<EntryLookup> {
    const { attributes } = resolvePreset(this.settings);
    const value = isWindows(attributes) ? Buffer.from(entryId, 'hex') : entryId;
    return this.#find(`id ${entryId}`, isAnew, () => ({
      base: this.settings.base,
      scope: 'sub',
      filter: new EqualityFilter({ attribute: attributes.id, value }),
    }));
  }

  /**
   * Goes through the entries of everybody who could be found by a login name.
   *
   * @param visit May be given an entry twice, if a server fails on the way and another goes on.
   */
  async visitAll(
    visit: (entries: readonly LdapEntry[]) => Promise<void>,
  ): Promise<{ readonly kind: 'done' } | Unavailable> {
    const { base } = this.settings;
    if (base === '') return { kind: 'unavailable', detail: 'ldap.base is missing' };
    const { filter, attributes } = resolvePreset(this.settings);
    const request = { base, filter: openFilter(filter), attributes: listAttributes(attributes) };
    const answer = await this.#ask('search', (connection) =>
      connection.searchAll(request, (page) => visit(page.map((one) => readEntry(one, attributes)))),
    );
    return answer.kind === 'unavailable' ? answer : { kind: 'done' };
  }

  /** The DN by which somebody binds who is judged alone, without a look at his entry. */
  dnOf(login: string): string | undefined {
    const { dnTemplate } = this.settings;
    return dnTemplate === '' ? undefined : fillDn(dnTemplate, splitLogin(login));
  }

  /** Tries a secret. Nothing is remembered here. */
  async tryBind(dn: string, secret: string): Promise<SecretVerdict> {
    const answer = await this.#ask('bind', (connection) => connection.bindAs(dn, secret));
    if (answer.kind === 'unavailable') return answer;
    const verdict: BindVerdict = answer.result;
    return verdict.isMatch ? { kind: 'match' } : { kind: 'mismatch', detail: verdict.detail };
  }

  /** Forgets what entries said. */
  forget(): void {
    this.#found.clear();
    this.#absent.clear();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.forget();
    const group = await this.#group?.catch(() => undefined);
    group?.close();
  }

  async #find(
    key: string,
    isAnew: boolean,
    request: () => {
      readonly base: string;
      readonly scope: 'base' | 'sub';
      readonly filter: string | Filter;
    },
  ): Promise<EntryLookup> {
    const known = isAnew ? undefined : (this.#found.get(key) ?? this.#absent.get(key));
    if (known !== undefined) return known;
    const { attributes } = resolvePreset(this.settings);
    const search = { ...request(), attributes: listAttributes(attributes) };
    const answer = await this.#ask('search', (connection) => connection.search(search));
    if (answer.kind === 'unavailable') return answer;
    const [first, second] = answer.result;
    if (first === undefined || second !== undefined) {
      const detail = first === undefined ? 'no entry' : 'more than one entry';
      const absent = { kind: 'unknown' as const, detail };
      this.#found.delete(key);
      if (this.settings.absenceSeconds > 0) this.#absent.set(key, absent);
      return absent;
    }
    const entry = readEntry(first, attributes);
    if (entry.id !== '') this.#seen.set(entry.id, true);
    const found = { kind: 'found' as const, entry, url: answer.url, isCopy: false };
    if (this.settings.entrySeconds > 0) this.#found.set(key, { ...found, isCopy: true });
    this.#absent.delete(key);
    return found;
  }

  async #ask<Result>(
    role: 'search' | 'bind',
    task: (connection: LdapConnection) => Promise<Result>,
  ): Promise<({ readonly kind: 'answered' } & Answered<Result>) | Unavailable> {
    if (this.#isClosed) return { kind: 'unavailable', detail: 'closed' };
    const { problem } = this;
    if (problem !== undefined) return { kind: 'unavailable', detail: problem };
    const startedAtMs = this.#options.elapsedMs();
    const note = (outcome: AskedQuestion['outcome']): void => {
      const durationMs = this.#options.elapsedMs() - startedAtMs;
      this.#options.onAsked?.({ operation: role, outcome, durationMs });
    };
    try {
      const group = await this.#openGroup();
      const answer = await group.run(role, task);
      note('answered');
      return { kind: 'answered', ...answer };
    } catch (error) {
      if (!(error instanceof LdapFailure)) throw error;
      note('unavailable');
      return { kind: 'unavailable', detail: error.message };
    }
  }

  /** The CA is read when first needed; a file that cannot be read is tried again. */
  async #openGroup(): Promise<ServerGroup> {
    this.#group ??= this.#createGroup();
    try {
      return await this.#group;
    } catch (error) {
      this.#group = undefined;
      throw error;
    }
  }

  async #createGroup(): Promise<ServerGroup> {
    const { settings, elapsedMs, onAvailability, readFile } = this.#options;
    const { caFile } = settings;
    const ca = caFile === '' ? undefined : await readOrFail('caFile', caFile, readFile);
    return new ServerGroup({
      urls: settings.servers,
      tls: settings.tls,
      ca,
      operationLimitMs: settings.operationLimitMs,
      connections: settings.connections,
      authenticate: (connection) => this.#authenticate(connection),
      elapsedMs,
      onAvailability,
    });
  }

  async #authenticate(connection: LdapConnection): Promise<void> {
    const { bindDn, bindPasswordFile } = this.settings;
    if (bindDn === '') return;
    const { readSecretFile } = this.#options;
    const secret = await readOrFail('bindPasswordFile', bindPasswordFile, readSecretFile);
    await connection.bindAsService(bindDn, secret);
  }
}

async function readOrFail(
  key: 'caFile' | 'bindPasswordFile',
  file: string,
  read: (file: string) => Promise<string>,
): Promise<string> {
  try {
    return await read(file);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new LdapFailure(`ldap.${key} ${file} cannot be read (${code})`);
  }
}
