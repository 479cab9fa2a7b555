/**
 * The directory in one SQLite file, for several processes of one host. Two connections: one whose
 * commits are on the disk when reported, for what must last, and one for live sessions.
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
import { Database } from './database.ts';
import {
  addAccount,
  deleteAccount,
  findHolder,
  findLogin,
  listAccounts,
  listSharers,
  replaceAccount,
  setCredentials,
} from './embedded-accounts.ts';
import {
  listAppPasswordUses,
  noteAppPasswordUse,
  setAppPasswords,
} from './embedded-app-passwords.ts';
import { addGroup, deleteGroup, findGroup, listGroups, replaceGroup } from './embedded-groups.ts';
import { FileChangeFeed, noteChange } from './file-change-feed.ts';
import { FileOperations } from './file-operations.ts';
import { FileLeaseStore } from './file-lease-store.ts';
import { FileThrottleStore } from './file-throttle-store.ts';

export interface EmbeddedDirectoryOptions {
  /** Path of the file; its folder must exist. SQLite keeps `-wal` and `-shm` beside it. */
  readonly file: string;
  /** Limit for waiting for another process's write; default 2,000. */
  readonly budgetMs?: number | undefined;
  /** How long sessions of a dead worker still count; default 15,000. */
  readonly leaseLifeMs?: number | undefined;
  readonly clock?: Clock | undefined;
}

/** Opens, or creates, the file. Rejects with `DirectoryUnavailableError` if that can't be done. */
export async function openEmbeddedDirectory(
  options: EmbeddedDirectoryOptions,
): Promise<DirectoryDriver> {
  const { file, budgetMs = 2_000, leaseLifeMs = 15_000, clock = systemClock } = options;
  const db = await Database.open({ file, budgetMs, clock, isDurable: true });
  try {
    const sessionDb = await Database.open({ file, budgetMs, clock, isDurable: false });
    const directory = new EmbeddedDirectory(db, sessionDb, leaseLifeMs, clock);
    await directory.start();
    return directory;
  } catch (error) {
    db.close();
    throw error;
  }
}

class EmbeddedDirectory implements DirectoryDriver {
  readonly throttle: ThrottleStore;
  readonly #db: Database;
  readonly #sessionDb: Database;
  readonly #leaseLifeMs: number;
  readonly #clock: Clock;
  readonly #listeners = new ChangeListeners();
  readonly #leases = new Set<SessionLease>();
  readonly #leaseStore: FileLeaseStore;
  readonly #feed: FileChangeFeed;
  readonly operations: OperationsPort;

  constructor(db: Database, sessionDb: Database, leaseLifeMs: number, clock: Clock) {
    this.#db = db;
    this.#sessionDb = sessionDb;
    this.#leaseLifeMs = leaseLifeMs;
    this.#clock = clock;
    this.#leaseStore = new FileLeaseStore(sessionDb, clock);
    this.throttle = new FileThrottleStore(sessionDb, clock);
    this.#feed = new FileChangeFeed(db, this.#listeners, clock);
    this.operations = new FileOperations({ db, clock, write: (task) => this.#write(task) });
  }

  async start(): Promise<void> {
    await this.#feed.catchUp();
  }

  async findAccountId(name: string): Promise<AccountId | undefined> {
    const row = await this.#db.read((db) => db.get('SELECT id FROM names WHERE name = ?', name));
    return row === undefined ? undefined : (String(row['id']) as AccountId);
  }

  async getAccount(id: AccountId): Promise<AccountRecord | undefined> {
    return (await this.loadLogin(id))?.account;
  }

  async getCredentials(id: AccountId): Promise<CredentialSet | undefined> {
    return (await this.loadLogin(id))?.credentials;
  }

  loadLogin(id: AccountId): Promise<LoginRecord | undefined> {
    return this.#db.read((db) => findLogin(db, id));
  }

  listAccounts(page: {
    readonly after: string | undefined;
    readonly limit: number;
  }): Promise<readonly AccountRecord[]> {
    return this.#db.read((db) => listAccounts(db, page));
  }

  addAccount(
    account: AccountRecord,
    credentials: CredentialSet | undefined,
  ): Promise<WriteOutcome<'name-taken' | 'exists' | 'unknown-site'>> {
    return this.#write((db) => addAccount(db, account, credentials));
  }

  replaceAccount(
    account: AccountRecord,
    expectedVersion: number,
  ): Promise<WriteOutcome<'name-taken' | 'nonexistent' | 'conflict' | 'unknown-site'>> {
    return this.#write((db) => replaceAccount(db, account, expectedVersion));
  }

  setCredentials(
    id: AccountId,
    credentials: CredentialSet | undefined,
  ): Promise<WriteOutcome<'nonexistent'>> {
    return this.#write((db) => setCredentials(db, id, credentials));
  }

  setAppPasswords(
    id: AccountId,
    appPasswords: AppPasswords | undefined,
    expectedVersion: number,
  ): Promise<WriteOutcome<'nonexistent' | 'conflict'>> {
    return this.#write((db) => setAppPasswords(db, id, appPasswords, expectedVersion));
  }

  noteAppPasswordUse(id: AccountId, appPasswordId: string, atMs: number): Promise<void> {
    return this.#db.write((db) => noteAppPasswordUse(db, id, appPasswordId, atMs));
  }

  listAppPasswordUses(id: AccountId): Promise<ReadonlyMap<string, number>> {
    return this.#db.read((db) => listAppPasswordUses(db, id));
  }

  deleteAccount(id: AccountId): Promise<WriteOutcome<'nonexistent'>> {
    return this.#write((db) => deleteAccount(db, id));
  }

  listSharers(grantee: AccountId): Promise<readonly AccountId[]> {
    return this.#db.read((db) => listSharers(db, grantee));
  }

  findHolder(name: string): Promise<NameHolder | undefined> {
    return this.#db.read((db) => findHolder(db, name));
  }

  getGroup(id: GroupId): Promise<GroupRecord | undefined> {
    return this.#db.read((db) => findGroup(db, id));
  }

  listGroups(page: {
    readonly after: string | undefined;
    readonly limit: number;
  }): Promise<readonly GroupRecord[]> {
    return this.#db.read((db) => listGroups(db, page));
  }

  addGroup(group: GroupRecord): Promise<WriteOutcome<'name-taken' | 'exists'>> {
    return this.#write((db) => addGroup(db, group));
  }

  replaceGroup(
    group: GroupRecord,
    expectedVersion: number,
  ): Promise<WriteOutcome<'name-taken' | 'nonexistent' | 'conflict'>> {
    return this.#write((db) => replaceGroup(db, group, expectedVersion));
  }

  deleteGroup(id: GroupId): Promise<WriteOutcome<'nonexistent'>> {
    return this.#write((db) => deleteGroup(db, id));
  }

  async getSite(name: SiteName): Promise<SiteRecord | undefined> {
    const row = await this.#db.read((db) =>
      db.get('SELECT record FROM sites WHERE name = ?', name),
    );
    return row === undefined ? undefined : decodeSite(String(row['record']));
  }

  async listSites(): Promise<readonly SiteRecord[]> {
    const rows = await this.#db.read((db) => db.all('SELECT record FROM sites ORDER BY name'));
    return rows.map((row) => decodeSite(String(row['record'])));
  }

  async putSite(site: SiteRecord): Promise<void> {
    const problem = findSiteProblem(site);
    if (problem !== undefined) throw new RangeError(problem);
    await this.#write((db) => {
      db.run(
        'INSERT INTO sites VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET record = excluded.record',
        site.name,
        JSON.stringify(site),
      );
      noteChange(db, { area: 'site', name: site.name });
    });
  }

  deleteSite(name: SiteName): Promise<WriteOutcome<'nonexistent' | 'in-use'>> {
    return this.#write((db) => {
      if (db.get('SELECT 1 FROM sites WHERE name = ?', name) === undefined) {
        return { ok: false, reason: 'nonexistent', detail: `there is no site ${name}` };
      }
      const row = db.get('SELECT count(*) AS count FROM accounts WHERE site = ?', name);
      const count = Number(row?.['count'] ?? 0);
      if (count > 0) {
        return { ok: false, reason: 'in-use', detail: `accounts at ${name}: ${count}` };
      }
      db.run('DELETE FROM sites WHERE name = ?', name);
      noteChange(db, { area: 'site', name });
      return { ok: true };
    });
  }

  async listFrontEndKeys(): Promise<readonly FrontEndKey[]> {
    const rows = await this.#db.read((db) =>
      db.all('SELECT record FROM front_end_keys ORDER BY key_id'),
    );
    return rows.map((row) => decodeFrontEndKey(String(row['record'])));
  }

  async putFrontEndKey(key: FrontEndKey): Promise<void> {
    await this.#write((db) => {
      db.run('INSERT OR REPLACE INTO front_end_keys VALUES (?, ?)', key.keyId, JSON.stringify(key));
      noteChange(db, { area: 'front-end-keys' });
    });
  }

  async getSharedSecret(name: SharedSecretName): Promise<Uint8Array> {
    const sql = 'SELECT secret FROM secrets WHERE name = ?';
    const known = await this.#db.read((db) => db.get(sql, name));
    if (known !== undefined) return decodeSharedSecret(known['secret']);
    const made = randomBytes(SHARED_SECRET_BYTES).toString('base64');
    const row = await this.#write((db) => {
      db.run('INSERT INTO secrets (name, secret) VALUES (?, ?) ON CONFLICT DO NOTHING', name, made);
      return db.get(sql, name);
    });
    return decodeSharedSecret(row?.['secret']);
  }

  async getSettings(): Promise<Readonly<Record<string, unknown>>> {
    const rows = await this.#db.read((db) => db.all('SELECT name, value FROM settings'));
    return Object.fromEntries(
      rows.map((row) => [String(row['name']), parseJson(String(row['value']))]),
    );
  }

  async setSetting(name: string, value: unknown): Promise<void> {
    await this.#write((db) => {
      if (value === undefined) db.run('DELETE FROM settings WHERE name = ?', name);
      else db.run('INSERT OR REPLACE INTO settings VALUES (?, ?)', name, JSON.stringify(value));
      noteChange(db, { area: 'settings' });
    });
  }

  async openLease(owner: string): Promise<SessionLease> {
    const lease = await openSessionLease({
      store: this.#leaseStore,
      clock: this.#clock,
      leaseId: `${owner}:${randomBytes(9).toString('base64url')}`,
      lifeMs: this.#leaseLifeMs,
      onClosed: (closed) => this.#leases.delete(closed),
    });
    this.#leases.add(lease);
    return lease;
  }

  /** The sessions are there already; what is left is to count them. */
  openAddressLease(): Promise<AddressLease> {
    return Promise.resolve({
      claim: async ({ clientAddress }) => {
        try {
          return await this.#leaseStore.countFrom(countedNetwork(clientAddress));
        } catch (error) {
          if (error instanceof DirectoryUnavailableError) return 1;
          throw error;
        }
      },
      release: () => Promise.resolve(),
      close: () => Promise.resolve(),
    });
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
    await this.#feed.stop();
    this.#sessionDb.close();
    this.#db.close();
  }

  /** What this process changes its own listeners hear at once. */
  async #write<Result>(task: (db: Database) => Result): Promise<Result> {
    const result = await this.#db.write(task);
    await this.#feed.catchUp();
    return result;
  }
}
