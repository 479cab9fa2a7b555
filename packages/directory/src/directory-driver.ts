/**
 * The directory as the rest of Homeward sees it. Two drivers supply it (Redis, and one SQLite file
 * for a single host); both pass `driver-contract.ts`.
 */
import type { OperationsPort } from './operations/ports.ts';
import type {
  AccountId,
  AccountRecord,
  AddressLease,
  AppPasswords,
  CredentialSet,
  DirectoryChange,
  FrontEndKey,
  GroupId,
  GroupRecord,
  LoginRecord,
  NameHolder,
  SessionLease,
  SharedSecretName,
  SiteName,
  SiteRecord,
  WriteOutcome,
} from './ports.ts';
import type { ThrottleStore } from './throttle/throttle-store.ts';

export interface DirectoryDriver {
  /** @param name Normalised by `normaliseLoginName`. */
  findAccountId(name: string): Promise<AccountId | undefined>;
  getAccount(id: AccountId): Promise<AccountRecord | undefined>;
  getCredentials(id: AccountId): Promise<CredentialSet | undefined>;
  /** Both at once, of one moment. */
  loadLogin(id: AccountId): Promise<LoginRecord | undefined>;
  /**
   * Pages through all accounts in order of address (of its UTF-8 octets).
   *
   * @returns up to `limit` (1 to 1,000) after the address `after`. The end is an empty page: an
   *   account that changes meanwhile may be missing from a page.
   */
  listAccounts(page: {
    readonly after: string | undefined;
    readonly limit: number;
  }): Promise<readonly AccountRecord[]>;
  addAccount(
    account: AccountRecord,
    credentials: CredentialSet | undefined,
  ): Promise<WriteOutcome<'name-taken' | 'exists' | 'unknown-site'>>;
  /** Replaces the record if `expectedVersion` is still current; it then gets the next one. */
  replaceAccount(
    account: AccountRecord,
    expectedVersion: number,
  ): Promise<WriteOutcome<'name-taken' | 'nonexistent' | 'conflict' | 'unknown-site'>>;
  /** Sets or (undefined) removes the secrets; raises the record's version. */
  setCredentials(
    id: AccountId,
    credentials: CredentialSet | undefined,
  ): Promise<WriteOutcome<'nonexistent'>>;
  /**
   * Replaces the app passwords if the record's `expectedVersion` is still current; it then gets the
   * next one. When those that are gone were used is forgotten.
   */
  setAppPasswords(
    id: AccountId,
    appPasswords: AppPasswords | undefined,
    expectedVersion: number,
  ): Promise<WriteOutcome<'nonexistent' | 'conflict'>>;
  /** Changes no version and tells nobody; of an account that is gone nothing is kept. */
  noteAppPasswordUse(id: AccountId, appPasswordId: string, atMs: number): Promise<void>;
  /** When each was used last, milliseconds since 1970; those that never were are left out. */
  listAppPasswordUses(id: AccountId): Promise<ReadonlyMap<string, number>>;
  deleteAccount(id: AccountId): Promise<WriteOutcome<'nonexistent'>>;
  /** The accounts of whose mailboxes `grantee` is a delegate, with any right, in order of id. */
  listSharers(grantee: AccountId): Promise<readonly AccountId[]>;

  /** Who has a name, account or group. @param name As `findAccountId` wants it. */
  findHolder(name: string): Promise<NameHolder | undefined>;
  getGroup(id: GroupId): Promise<GroupRecord | undefined>;
  /** Pages through all groups, as `listAccounts` does. */
  listGroups(page: {
    readonly after: string | undefined;
    readonly limit: number;
  }): Promise<readonly GroupRecord[]>;
  addGroup(group: GroupRecord): Promise<WriteOutcome<'name-taken' | 'exists'>>;
  /** Replaces the record if `expectedVersion` is still current; it then gets the next one. */
  replaceGroup(
    group: GroupRecord,
    expectedVersion: number,
  ): Promise<WriteOutcome<'name-taken' | 'nonexistent' | 'conflict'>>;
  deleteGroup(id: GroupId): Promise<WriteOutcome<'nonexistent'>>;

  getSite(name: SiteName): Promise<SiteRecord | undefined>;
  listSites(): Promise<readonly SiteRecord[]>;
  putSite(site: SiteRecord): Promise<void>;
  /** Refused while accounts live there. */
  deleteSite(name: SiteName): Promise<WriteOutcome<'nonexistent' | 'in-use'>>;

  listFrontEndKeys(): Promise<readonly FrontEndKey[]>;
  putFrontEndKey(key: FrontEndKey): Promise<void>;

  /**
   * A secret that all processes share: 32 random octets, made when first asked for, the same ever
   * after.
   */
  getSharedSecret(name: SharedSecretName): Promise<Uint8Array>;

  /** Live settings as one JSON document by dotted name; unknown names are kept. */
  getSettings(): Promise<Readonly<Record<string, unknown>>>;
  /** @param value Anything that JSON can say; undefined removes the setting. */
  setSetting(name: string, value: unknown): Promise<void>;

  /** What front ends remember together of logins that failed. Not durable. */
  readonly throttle: ThrottleStore;

  /** A lease for one incarnation of a front-end worker. */
  openLease(owner: string): Promise<SessionLease>;
  countSessions(id: AccountId): Promise<number>;
  /**
   * Counts sessions by their client's address beside a lease. Wanted where there is a limit: it
   * costs a claim of its own.
   *
   * @param owner As the lease's.
   */
  openAddressLease(owner: string): Promise<AddressLease>;
  /** For operators: who is connected, who is to go, what is in maintenance. */
  readonly operations: OperationsPort;

  /**
   * Tells of changes made by anyone, within a second, lost messages made up for. Listeners are
   * called in order and must not throw.
   */
  subscribe(listener: (change: DirectoryChange) => void): () => void;
  /**
   * When, in elapsed time of the driver's clock, listeners were last known to have heard of all
   * changes; undefined before the first time. Goes on by itself, twice a second or more often,
   * while the store is there; `everything` is told before it goes on after a gap.
   */
  inSyncAtMs(): number | undefined;
  /** Ends leases, timers and connections; later calls reject as unavailable. */
  close(): Promise<void>;
}
