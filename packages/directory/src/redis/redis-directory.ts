/**
 * The directory in Redis: puts link, change feed, accounts and session registry together, and
 * keeps the small tables (sites, front-end keys, settings) itself.
 */
import { randomBytes } from 'node:crypto';
import { countedNetwork } from '@homeward/net';
import { ChangeListeners } from '../change-listeners.ts';
import { systemClock, type Clock } from '../clock.ts';
import {
  DirectoryUnavailableError,
  type AccountId,
  type AccountRecord,
  type AppPasswords,
  type AddressLease,
  type CredentialSet,
  type DirectoryChange,
  type FrontEndKey,
  type GroupId,
  type GroupRecord,
  type LoginRecord,
  type NameHolder,
  type SessionClaim,
  type SessionLease,
  type SharedSecretName,
  type SiteName,
  type SiteRecord,
  type WriteOutcome,
} from '../ports.ts';
import type { DirectoryDriver } from '../directory-driver.ts';
import type { OperationsPort } from '../operations/ports.ts';
import {
  decodeFrontEndKey,
  decodeSharedSecret,
  decodeSite,
  parseJson,
  SHARED_SECRET_BYTES,
} from '../record-codec.ts';
import { openSessionLease } from '../registry/session-lease.ts';
import { findSiteProblem } from '../shard.ts';
import type { ThrottleStore } from '../throttle/throttle-store.ts';
import { ChangeFeed } from './change-feed.ts';
import { parseRedisUrl } from './connection-url.ts';
import { DirectoryIdentity } from './directory-identity.ts';
import type { SetBackAccount } from './epoch-floors.ts';
import { GuardedReads } from './guarded-reads.ts';
import { createKeyLayout, DEFAULT_KEY_PREFIX, type KeyLayout } from './key-layout.ts';
import { RedisAccounts } from './redis-accounts.ts';
import { RedisGroups } from './redis-groups.ts';
import { RedisOperations } from './redis-operations.ts';
import { RedisLeaseStore } from './redis-lease-store.ts';
import { createClient, RedisLink } from './redis-link.ts';
import { RedisThrottleStore } from './redis-throttle-store.ts';
import { DELETE_SITE, PUT_FIELD } from './scripts.ts';

export interface RedisDirectoryOptions {
  /** See `connection-url.ts`: `redis://…`, `rediss://…`, `redis+sentinel://…`, `redis+cluster://…`. */
  readonly url: string;
  /** A Redis that may be lost, for live sessions; the same one if undefined. */
  readonly sessionUrl?: string | undefined;
  /** Tells installations in one Redis apart; default "homeward". */
  readonly keyPrefix?: string | undefined;
  /** Limit for each command; default 2,000. */
  readonly budgetMs?: number | undefined;
  /** How long sessions of a dead worker still count; default 15,000. */
  readonly leaseLifeMs?: number | undefined;
  /**
   * Whether an empty Redis becomes a directory. Without it an empty one counts as away: who only
   * uses a directory must not take what was lost for what never was. Default false.
   */
  readonly foundsWhenEmpty?: boolean | undefined;
  /**
   * Told of an account whose record is older than what was seen: it counts as away then. For
   * processes that serve people; without it records are taken as they are.
   */
  readonly onSetBack?: ((found: SetBackAccount) => void) | undefined;
  /** In place of the one in `url`. */
  readonly password?: string | undefined;
  /** Of the Sentinels, for `redis+sentinel`. */
  readonly sentinelPassword?: string | undefined;
  /** PEM of the authorities to trust for `rediss`. */
  readonly tlsCa?: string | undefined;
  /** Told when the directory can, or can no longer, be used, with why; for the log. */
  readonly onAvailability?: ((isAvailable: boolean, reason: string) => void) | undefined;
  readonly clock?: Clock | undefined;
  readonly random?: (() => number) | undefined;
}

/**
 * Opens the directory in Redis and waits, within the budget, for the first connection. If there
 * is none by then the driver is returned all the same: it refuses calls until Redis is there.
 * Throws a RangeError for options that cannot be right.
 */
export async function openRedisDirectory(options: RedisDirectoryOptions): Promise<DirectoryDriver> {
  const directory = new RedisDirectory(options);
  await directory.connect();
  return directory;
}

class RedisDirectory implements DirectoryDriver {
  readonly throttle: ThrottleStore;
  readonly #options: RedisDirectoryOptions;
  readonly #clock: Clock;
  readonly #keys: KeyLayout;
  readonly #budgetMs: number;
  readonly #identity: DirectoryIdentity;
  readonly #listeners = new ChangeListeners();
  readonly #guarded: GuardedReads;
  readonly #leases = new Set<SessionLease>();
  readonly #link: RedisLink;
  readonly #sessionLink: RedisLink;
  readonly #feed: ChangeFeed;
  readonly #accounts: RedisAccounts;
  readonly #groups: RedisGroups;
  readonly #leaseStore: RedisLeaseStore;
  readonly #addressStore: RedisLeaseStore;
  readonly operations: OperationsPort;

  constructor(options: RedisDirectoryOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#budgetMs = options.budgetMs ?? 2_000;
    this.#keys = createKeyLayout(options.keyPrefix ?? DEFAULT_KEY_PREFIX);
    this.#identity = new DirectoryIdentity(this.#keys, options.foundsWhenEmpty ?? false);
    this.#guarded = new GuardedReads({
      confirmIdentity: () => this.#confirmIdentity(),
      listeners: this.#listeners,
      onSetBack: options.onSetBack,
    });
    const address = parseRedisUrl(options.url);
    const connection = {
      address: { ...address, password: options.password ?? address.password },
      sentinelPassword: options.sentinelPassword,
      budgetMs: this.#budgetMs,
      tlsCa: options.tlsCa,
      clock: this.#clock,
      random: options.random ?? Math.random,
    };
    const sessionAddress =
      options.sessionUrl === undefined ? undefined : parseRedisUrl(options.sessionUrl);
    this.#link = new RedisLink({
      ...connection,
      connectionName: 'homeward',
      onAvailability: options.onAvailability,
      onConnected: async (client) => refuse(await this.#identity.findProblem(client)),
    });
    this.#sessionLink =
      sessionAddress === undefined
        ? this.#link
        : new RedisLink({
            ...connection,
            address: sessionAddress,
            connectionName: 'homeward-sessions',
            onConnected: () => Promise.resolve(),
          });
    this.#feed = new ChangeFeed({
      link: this.#link,
      subscriber: createClient({ ...connection, connectionName: 'homeward-changes' }),
      keys: this.#keys,
      listeners: this.#listeners,
      clock: this.#clock,
      identity: this.#identity,
      confirmIdentity: () => this.#confirmIdentity(),
    });
    this.#accounts = new RedisAccounts(this.#link, this.#keys);
    this.#groups = new RedisGroups(this.#link, this.#keys);
    this.#leaseStore = new RedisLeaseStore(this.#sessionLink, this.#keys, this.#clock);
    const addressKeys = createKeyLayout(this.#keys.addressPrefix);
    this.#addressStore = new RedisLeaseStore(this.#sessionLink, addressKeys, this.#clock);
    this.throttle = new RedisThrottleStore(this.#sessionLink, this.#keys);
    this.operations = new RedisOperations({
      link: this.#link,
      sessionLink: this.#sessionLink,
      keys: this.#keys,
      leaseStore: this.#leaseStore,
      clock: this.#clock,
      putField: (...field) => this.#putField(...field),
    });
  }

  async connect(): Promise<void> {
    const elapsedMs = (): number => this.#clock.elapsedMs();
    const startedAtMs = elapsedMs();
    await this.#link.waitUntilUsable(this.#budgetMs);
    const leftMs = this.#budgetMs - (elapsedMs() - startedAtMs);
    await this.#feed.waitUntilSubscribed(Math.max(0, leftMs));
    if (this.#feed.inSyncAtMs === undefined) await this.#feed.look();
  }

  findAccountId(name: string): Promise<AccountId | undefined> {
    return this.#guarded.unlessLost(this.#accounts.findId(name));
  }

  getAccount(id: AccountId): Promise<AccountRecord | undefined> {
    const read = (): Promise<AccountRecord | undefined> => this.#accounts.get(id);
    return this.#guarded.unlessSetBack(id, read, (account) => account);
  }

  getCredentials(id: AccountId): Promise<CredentialSet | undefined> {
    return this.#guarded.unlessLost(this.#accounts.getCredentials(id));
  }

  loadLogin(id: AccountId): Promise<LoginRecord | undefined> {
    const read = (): Promise<LoginRecord | undefined> => this.#accounts.load(id);
    return this.#guarded.unlessSetBack(id, read, ({ account }) => account);
  }

  listAccounts(page: {
    readonly after: string | undefined;
    readonly limit: number;
  }): Promise<readonly AccountRecord[]> {
    return this.#guarded.unlessLost(this.#accounts.list(page));
  }

  addAccount(
    account: AccountRecord,
    credentials: CredentialSet | undefined,
  ): Promise<WriteOutcome<'name-taken' | 'exists' | 'unknown-site'>> {
    return this.#accounts.add(account, credentials);
  }

  replaceAccount(
    account: AccountRecord,
    expectedVersion: number,
  ): Promise<WriteOutcome<'name-taken' | 'nonexistent' | 'conflict' | 'unknown-site'>> {
    return this.#accounts.replace(account, expectedVersion);
  }

  setCredentials(
    id: AccountId,
    credentials: CredentialSet | undefined,
  ): Promise<WriteOutcome<'nonexistent'>> {
    return this.#accounts.setCredentials(id, credentials);
  }

  setAppPasswords(
    id: AccountId,
    appPasswords: AppPasswords | undefined,
    expectedVersion: number,
  ): Promise<WriteOutcome<'nonexistent' | 'conflict'>> {
    return this.#accounts.setAppPasswords(id, appPasswords, expectedVersion);
  }

  noteAppPasswordUse(id: AccountId, appPasswordId: string, atMs: number): Promise<void> {
    return this.#accounts.noteAppPasswordUse(id, appPasswordId, atMs);
  }

  listAppPasswordUses(id: AccountId): Promise<ReadonlyMap<string, number>> {
    return this.#accounts.listAppPasswordUses(id);
  }

  deleteAccount(id: AccountId): Promise<WriteOutcome<'nonexistent'>> {
    return this.#accounts.delete(id);
  }

  listSharers(grantee: AccountId): Promise<readonly AccountId[]> {
    return this.#guarded.unlessLost(this.#accounts.listSharers(grantee));
  }

  findHolder(name: string): Promise<NameHolder | undefined> {
    return this.#guarded.unlessLost(this.#accounts.findHolder(name));
  }

  getGroup(id: GroupId): Promise<GroupRecord | undefined> {
    return this.#guarded.unlessLost(this.#groups.get(id));
  }

  listGroups(page: {
    readonly after: string | undefined;
    readonly limit: number;
  }): Promise<readonly GroupRecord[]> {
    return this.#guarded.unlessLost(this.#groups.list(page));
  }

  addGroup(group: GroupRecord): Promise<WriteOutcome<'name-taken' | 'exists'>> {
    return this.#groups.add(group);
  }

  replaceGroup(
    group: GroupRecord,
    expectedVersion: number,
  ): Promise<WriteOutcome<'name-taken' | 'nonexistent' | 'conflict'>> {
    return this.#groups.replace(group, expectedVersion);
  }

  deleteGroup(id: GroupId): Promise<WriteOutcome<'nonexistent'>> {
    return this.#groups.delete(id);
  }

  async getSite(name: SiteName): Promise<SiteRecord | undefined> {
    const text = await this.#guarded.unlessLost(
      this.#link.run((client) => client.hget(this.#keys.sites, name)),
    );
    return text === null ? undefined : decodeSite(text);
  }

  async listSites(): Promise<readonly SiteRecord[]> {
    const texts = await this.#guarded.unlessLost(
      this.#link.run((client) => client.hvals(this.#keys.sites)),
    );
    return texts.map(decodeSite).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  async putSite(site: SiteRecord): Promise<void> {
    const problem = findSiteProblem(site);
    if (problem !== undefined) throw new RangeError(problem);
    const change: DirectoryChange = { area: 'site', name: site.name };
    await this.#putField(this.#keys.sites, change, site.name, JSON.stringify(site));
  }

  async deleteSite(name: SiteName): Promise<WriteOutcome<'nonexistent' | 'in-use'>> {
    const change: DirectoryChange = { area: 'site', name };
    const answer = await this.#link.runScript(
      DELETE_SITE,
      [this.#keys.changeCount, this.#keys.sites, this.#keys.residents],
      [this.#keys.changeChannel, JSON.stringify(change), name],
    );
    const [word, count] = answer as readonly unknown[];
    if (word === 'ok') return { ok: true };
    if (word === 'nonexistent') {
      return { ok: false, reason: 'nonexistent', detail: `there is no site ${name}` };
    }
    return { ok: false, reason: 'in-use', detail: `accounts at ${name}: ${String(count)}` };
  }

  async listFrontEndKeys(): Promise<readonly FrontEndKey[]> {
    const texts = await this.#guarded.unlessLost(
      this.#link.run((client) => client.hvals(this.#keys.frontEndKeys)),
    );
    return texts.map(decodeFrontEndKey).toSorted((a, b) => (a.keyId < b.keyId ? -1 : 1));
  }

  async putFrontEndKey(key: FrontEndKey): Promise<void> {
    const change: DirectoryChange = { area: 'front-end-keys' };
    await this.#putField(this.#keys.frontEndKeys, change, key.keyId, JSON.stringify(key));
  }

  async getSharedSecret(name: SharedSecretName): Promise<Uint8Array> {
    const text = await this.#link.run(async (client) => {
      const known = await client.hget(this.#keys.secrets, name);
      if (known !== null) return known;
      refuse(await this.#identity.findProblem(client));
      const made = randomBytes(SHARED_SECRET_BYTES).toString('base64');
      await client.hsetnx(this.#keys.secrets, name, made);
      return client.hget(this.#keys.secrets, name);
    });
    return decodeSharedSecret(text);
  }

  async getSettings(): Promise<Readonly<Record<string, unknown>>> {
    const texts = await this.#guarded.unlessLost(
      this.#link.run((client) => client.hgetall(this.#keys.settings)),
    );
    return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, parseJson(text)]));
  }

  async setSetting(name: string, value: unknown): Promise<void> {
    const text = value === undefined ? undefined : JSON.stringify(value);
    await this.#putField(this.#keys.settings, { area: 'settings' }, name, text);
  }

  openLease(owner: string): Promise<SessionLease> {
    return this.#openLease(owner, this.#leaseStore);
  }

  async #openLease(owner: string, store: RedisLeaseStore): Promise<SessionLease> {
    const lease = await openSessionLease({
      store,
      clock: this.#clock,
      leaseId: `${owner}:${randomBytes(9).toString('base64url')}`,
      lifeMs: this.#options.leaseLifeMs ?? 15_000,
      onClosed: (closed) => this.#leases.delete(closed),
    });
    this.#leases.add(lease);
    return lease;
  }

  /**
   * A registry of its own, whose accounts are addresses: of IPv4 whole, as front ends of earlier
   * releases count them beside this one. Those count IPv6 whole, too, each under its own name, so
   * nothing that either counts is left to the other.
   */
  async openAddressLease(owner: string): Promise<AddressLease> {
    const lease = await this.#openLease(owner, this.#addressStore);
    const byAddress = (session: SessionClaim): SessionClaim => ({
      ...session,
      accountId: countedNetwork(session.clientAddress) as AccountId,
    });
    return {
      claim: (session) => lease.claim(byAddress(session)),
      release: (session) => lease.release(byAddress(session)),
      close: () => lease.close(),
    };
  }

  countSessions(id: AccountId): Promise<number> {
    return this.#leaseStore.count(id);
  }

  subscribe(listener: (change: DirectoryChange) => void): () => void {
    return this.#listeners.add(listener);
  }

  inSyncAtMs(): number | undefined {
    return this.#feed.inSyncAtMs;
  }

  async close(): Promise<void> {
    for (const lease of [...this.#leases]) await lease.close();
    await this.#feed.close();
    this.#link.close();
    this.#sessionLink.close();
  }

  async #confirmIdentity(): Promise<void> {
    const problem = await this.#link.run((client) => this.#identity.findProblem(client));
    if (problem !== undefined) this.#link.doubt(problem);
    refuse(problem);
  }

  async #putField(
    key: string,
    change: DirectoryChange,
    field: string,
    text: string | undefined,
  ): Promise<void> {
    await this.#link.runScript(
      PUT_FIELD,
      [this.#keys.changeCount, key],
      [
        this.#keys.changeChannel,
        JSON.stringify(change),
        field,
        ...(text === undefined ? [] : [text]),
      ],
    );
  }
}

function refuse(problem: string | undefined): void {
  if (problem !== undefined) throw new DirectoryUnavailableError(problem);
}
