/**
 * The directory as front ends and back ends read it, login by login: from copies that pushed
 * changes keep right, and, while the directory is away, from copies of bounded age. Nobody is
 * ever served a guess: what is neither readable nor known recently enough is `unavailable`.
 */
import { systemClock, type Clock } from '../clock.ts';
import type {
  AccountId,
  AccountRecord,
  DirectoryChange,
  FrontEndKey,
  GroupId,
  GroupRecord,
  LoginRecord,
  NameHolder,
  SiteName,
  SiteRecord,
} from '../ports.ts';
import type { DirectoryDriver } from '../directory-driver.ts';
import { Freshness } from './freshness.ts';
import { type CacheOutcome, PushedCache } from './pushed-cache.ts';

/** What the view needs of a driver. */
export type DirectorySource = Pick<
  DirectoryDriver,
  | 'findAccountId'
  | 'loadLogin'
  | 'getAccount'
  | 'listSharers'
  | 'findHolder'
  | 'getGroup'
  | 'getSite'
  | 'listFrontEndKeys'
  | 'getSettings'
  | 'subscribe'
  | 'inSyncAtMs'
>;

export interface DirectoryViewOptions {
  /** Accounts, by login name, that are kept; default 20,000. As many unknown names. */
  readonly maxEntries?: number | undefined;
  /** How old a copy may be that is served while the directory is away; default 1 h. */
  readonly maxAgeWhenAwayMs?: number | undefined;
  /** How long an unknown name is believed to be unknown; default 5 s. */
  readonly absenceLifeMs?: number | undefined;
  /** The one that the driver has. */
  readonly clock?: Clock | undefined;
}

interface Absent {
  readonly kind: 'unknown' | 'unavailable';
}

export type AccountLookup = Absent | { readonly kind: 'found'; readonly account: AccountRecord };
export type LoginLookup = Absent | { readonly kind: 'found'; readonly record: LoginRecord };
export type GroupLookup = Absent | { readonly kind: 'found'; readonly group: GroupRecord };
export type HolderLookup = Absent | { readonly kind: 'found'; readonly holder: NameHolder };
export type SiteLookup = Absent | { readonly kind: 'found'; readonly site: SiteRecord };
export type KeyLookup = Absent | { readonly kind: 'found'; readonly key: FrontEndKey };
export type SettingsLookup =
  | { readonly kind: 'found'; readonly settings: Readonly<Record<string, unknown>> }
  | { readonly kind: 'unavailable' };

/** Calls never reject. */
export interface DirectoryView {
  /** @param name Normalised by `normaliseLoginName`. */
  lookUpLogin(name: string): Promise<LoginLookup>;
  getSite(name: SiteName): Promise<SiteLookup>;
  findAccount(id: AccountId): Promise<AccountLookup>;
  /**
   * Who has a name, for mail: the record is looked up by `findAccount` or `findGroup`, and the name
   * may have gone from it meanwhile.
   *
   * @param name As `lookUpLogin` wants it.
   */
  findHolder(name: string): Promise<HolderLookup>;
  findGroup(id: GroupId): Promise<GroupLookup>;
  /** See `DirectoryDriver.listSharers`; undefined while the directory is away. */
  listSharers(grantee: AccountId): Promise<readonly AccountId[] | undefined>;
  /**
   * The same, but read just now: for who was told that what he knows is old. `unavailable` while
   * the directory is away, whatever copies there are.
   *
   * @param doubted What this view said before.
   */
  rereadLogin(name: string, doubted: AccountRecord): Promise<LoginLookup>;
  rereadAccount(id: AccountId, doubted: AccountRecord): Promise<AccountLookup>;
  rereadSite(name: SiteName, doubted: SiteRecord | undefined): Promise<SiteLookup>;
  /** Revoked keys are found, too: look at `revokedAtMs`. */
  findFrontEndKey(keyId: string): Promise<KeyLookup>;
  settings(): Promise<SettingsLookup>;
  /**
   * How long changes have not been heard of, for metrics and logs: under two seconds while all
   * is well, Infinity before the first contact.
   */
  behindMs(): number;
  /** Stops listening to changes; the driver stays open. */
  close(): void;
}

/** Groups that are kept; each may have 2,000 members. */
const GROUP_LIMIT = 500;
/** Sites that are kept; each has a table of 256 numbers. */
const SITE_LIMIT = 1_000;
/** For the tables that are kept as a whole. */
const WHOLE = '';

/** The caller closes the view before the driver. */
export function createDirectoryView(
  driver: DirectorySource,
  options: DirectoryViewOptions = {},
): DirectoryView {
  return new CachedDirectoryView(driver, options);
}

class CachedDirectoryView implements DirectoryView {
  readonly #freshness: Freshness;
  readonly #logins: PushedCache<LoginRecord>;
  readonly #accounts: PushedCache<AccountRecord>;
  readonly #sharers: PushedCache<readonly AccountId[]>;
  readonly #holders: PushedCache<NameHolder>;
  readonly #groups: PushedCache<GroupRecord>;
  readonly #sites: PushedCache<SiteRecord>;
  readonly #keys: PushedCache<ReadonlyMap<string, FrontEndKey>>;
  readonly #settings: PushedCache<Readonly<Record<string, unknown>>>;
  readonly #unsubscribe: () => void;

  constructor(driver: DirectorySource, options: DirectoryViewOptions) {
    const { maxEntries = 20_000, maxAgeWhenAwayMs = 60 * 60_000, absenceLifeMs = 5_000 } = options;
    this.#freshness = new Freshness(driver, options.clock ?? systemClock, maxAgeWhenAwayMs);
    const shared = { freshness: this.#freshness, absenceLifeMs };
    this.#logins = new PushedCache({
      ...shared,
      entryLimit: maxEntries,
      read: (name) => readLogin(driver, name),
    });
    this.#accounts = new PushedCache({
      ...shared,
      entryLimit: maxEntries,
      read: (id) => driver.getAccount(id as AccountId),
    });
    this.#sharers = new PushedCache({
      ...shared,
      entryLimit: maxEntries,
      read: (id) => driver.listSharers(id as AccountId),
    });
    this.#holders = new PushedCache({
      ...shared,
      entryLimit: maxEntries,
      read: (name) => driver.findHolder(name),
    });
    this.#groups = new PushedCache({
      ...shared,
      entryLimit: GROUP_LIMIT,
      read: (id) => driver.getGroup(id as GroupId),
    });
    this.#sites = new PushedCache({
      ...shared,
      entryLimit: SITE_LIMIT,
      read: (name) => driver.getSite(name as SiteName),
    });
    this.#keys = new PushedCache({
      ...shared,
      entryLimit: 1,
      read: async () => new Map((await driver.listFrontEndKeys()).map((key) => [key.keyId, key])),
    });
    this.#settings = new PushedCache({
      ...shared,
      entryLimit: 1,
      read: () => driver.getSettings(),
    });
    this.#unsubscribe = driver.subscribe((change) => this.#hear(change));
  }

  async lookUpLogin(name: string): Promise<LoginLookup> {
    return toLoginLookup(await this.#logins.look(name));
  }

  async getSite(name: SiteName): Promise<SiteLookup> {
    return toSiteLookup(await this.#sites.look(name));
  }

  async findAccount(id: AccountId): Promise<AccountLookup> {
    return toAccountLookup(await this.#accounts.look(id));
  }

  async findHolder(name: string): Promise<HolderLookup> {
    const outcome = await this.#holders.look(name);
    return outcome.kind === 'found' ? { kind: 'found', holder: outcome.value } : outcome;
  }

  async findGroup(id: GroupId): Promise<GroupLookup> {
    const outcome = await this.#groups.look(id);
    return outcome.kind === 'found' ? { kind: 'found', group: outcome.value } : outcome;
  }

  async listSharers(grantee: AccountId): Promise<readonly AccountId[] | undefined> {
    const outcome = await this.#sharers.look(grantee);
    return outcome.kind === 'found' ? outcome.value : undefined;
  }

  async rereadLogin(name: string, doubted: AccountRecord): Promise<LoginLookup> {
    const isDoubted = ({ account }: LoginRecord): boolean => account === doubted;
    return toLoginLookup(await this.#logins.lookAnew(name, isDoubted));
  }

  async rereadAccount(id: AccountId, doubted: AccountRecord): Promise<AccountLookup> {
    return toAccountLookup(await this.#accounts.lookAnew(id, (account) => account === doubted));
  }

  async rereadSite(name: SiteName, doubted: SiteRecord | undefined): Promise<SiteLookup> {
    return toSiteLookup(await this.#sites.lookAnew(name, (site) => site === doubted));
  }

  async findFrontEndKey(keyId: string): Promise<KeyLookup> {
    const outcome = await this.#keys.look(WHOLE);
    if (outcome.kind !== 'found') return outcome;
    const key = outcome.value.get(keyId);
    return key === undefined ? { kind: 'unknown' } : { kind: 'found', key };
  }

  async settings(): Promise<SettingsLookup> {
    const outcome = await this.#settings.look(WHOLE);
    return outcome.kind === 'found'
      ? { kind: 'found', settings: outcome.value }
      : { kind: 'unavailable' };
  }

  behindMs(): number {
    return this.#freshness.behindMs();
  }

  close(): void {
    this.#unsubscribe();
    this.#freshness.end();
  }

  #caches(): readonly Pick<PushedCache<unknown>, 'doubtAll'>[] {
    const small = [this.#groups, this.#sites, this.#keys, this.#settings];
    return [this.#logins, this.#accounts, this.#sharers, this.#holders, ...small];
  }

  #hear(change: DirectoryChange): void {
    switch (change.area) {
      case 'account':
        for (const name of change.names) {
          this.#logins.drop(name);
          this.#holders.drop(name);
        }
        this.#accounts.drop(change.id);
        for (const grantee of change.grantees) this.#sharers.drop(grantee);
        break;
      case 'group':
        for (const name of change.names) this.#holders.drop(name);
        this.#groups.drop(change.id);
        break;
      case 'site':
        this.#sites.drop(change.name);
        break;
      case 'front-end-keys':
        this.#keys.drop(WHOLE);
        break;
      case 'settings':
        // Old settings are better than none, should the new ones not be readable.
        this.#settings.doubtAll();
        break;
      case 'session-ends':
      case 'components':
        break;
      case 'everything':
        for (const cache of this.#caches()) cache.doubtAll();
    }
  }
}

function toLoginLookup(outcome: CacheOutcome<LoginRecord>): LoginLookup {
  return outcome.kind === 'found' ? { kind: 'found', record: outcome.value } : outcome;
}

function toAccountLookup(outcome: CacheOutcome<AccountRecord>): AccountLookup {
  return outcome.kind === 'found' ? { kind: 'found', account: outcome.value } : outcome;
}

function toSiteLookup(outcome: CacheOutcome<SiteRecord>): SiteLookup {
  return outcome.kind === 'found' ? { kind: 'found', site: outcome.value } : outcome;
}

/** Two short round trips; the name may lose its account between them. */
async function readLogin(driver: DirectorySource, name: string): Promise<LoginRecord | undefined> {
  const id = await driver.findAccountId(name);
  const record = id === undefined ? undefined : await driver.loadLogin(id);
  return record?.account.names.includes(name) === true ? record : undefined;
}
