/**
 * Accounts whose secrets LDAP judges, and accounts that come from there. An account exists in the
 * directory from its first login on (decision 11): whoever is found in LDAP is only a draft until
 * his secret was right, so nobody fills the directory by trying names.
 *
 * While LDAP cannot be asked, nothing is known: the answer is `unavailable`, never a wrong secret.
 * A secret that was right a short while ago goes on working.
 */
import {
  accountIdOfEntry,
  type AccountRecord,
  DirectoryUnavailableError,
  isBlockedKind,
  type LoginLookup,
  type LoginRecord,
  type SiteName,
} from '@homeward/directory';
import { type EntryFields, isUpToDate, readEntryFields } from '../entry/entry-account.ts';
import type { LdapEntry } from '../entry/ldap-entry.ts';
import type { LdapSettings } from '../settings/ldap-settings.ts';
import { EntryPresence, type LdapPresence } from './entry-presence.ts';
import {
  addFromEntry,
  DRAFT_VERSION,
  type FollowOutcome,
  updateFromEntry,
} from './follow-entry.ts';
import { type EntryLookup, LdapDirectory, type LdapDirectoryOptions } from './ldap-directory.ts';
import type { AccountStore, LdapEvent, RememberedSecrets } from './ports.ts';

/** What a login comes to. `refused`: the secret was right, but the entry can be no account. */
export type LdapAuthentication =
  | { readonly kind: 'match'; readonly account: AccountRecord }
  | { readonly kind: 'mismatch' | 'unavailable' | 'refused'; readonly detail: string };

export interface LdapAccountsOptions extends Omit<
  LdapDirectoryOptions,
  'settings' | 'onAvailability'
> {
  readonly settings: LdapSettings;
  readonly store: AccountStore;
  readonly nowMs: () => number;
  /** @returns A function that cancels. */
  readonly after: (delayMs: number, run: () => void) => () => void;
  readonly rememberSecrets: (lifeMs: number) => RememberedSecrets;
  /** Must not throw. */
  readonly onEvent: (event: LdapEvent) => void;
}

/** What comes of an entry that may have no account yet. */
export type NewcomerOutcome = FollowOutcome | { readonly ok: true; readonly change: 'none' };

/** Longer ones are never right: no more of what a client sends goes to a server. */
const SECRET_LIMIT_BYTES = 1_024;

/** The caller closes it. */
export class LdapAccounts {
  readonly #options: LdapAccountsOptions;
  #directory: LdapDirectory;
  #presence: EntryPresence;
  #remembered: RememberedSecrets;

  constructor(options: LdapAccountsOptions) {
    this.#options = options;
    this.#directory = this.#createDirectory(options.settings);
    this.#presence = this.#createPresence();
    this.#remembered = options.rememberSecrets(options.settings.rememberSeconds * 1000);
  }

  /** Entries as they are, for operators' tools. */
  get directory(): LdapDirectory {
    return this.#directory;
  }

  /** Takes other settings; what was under way ends with the old ones. */
  configure(settings: LdapSettings): void {
    const old = this.#directory;
    if (JSON.stringify(settings) === JSON.stringify(old.settings)) return;
    this.#directory = this.#createDirectory(settings);
    this.#presence.close();
    this.#presence = this.#createPresence();
    this.#remembered.clear();
    this.#remembered = this.#options.rememberSecrets(settings.rememberSeconds * 1000);
    void old.close();
  }

  async close(): Promise<void> {
    this.#remembered.clear();
    this.#presence.close();
    await this.#directory.close();
  }

  /**
   * Looks for somebody whom the directory does not know by this name. Never rejects.
   *
   * @returns The account that the entry has already, under other names, or a draft of it.
   */
  async lookUp(name: string): Promise<LoginLookup> {
    const { isOn, settings } = this.#directory;
    if (!isOn || !settings.makeAccounts) return { kind: 'unknown' };
    const found = await this.#directory.findByLogin(name);
    if (found.kind !== 'found') return { kind: found.kind };
    const read = readEntryFields(found.entry, settings.domain);
    if (!read.ok) {
      this.#options.onEvent({ name: 'ldap.account-refused', reason: read.detail });
      return { kind: 'unknown' };
    }
    try {
      const known = await this.#findKnown(found.entry, read.fields);
      return { kind: 'found', record: known ?? this.#draft(found.entry, read.fields) };
    } catch (error) {
      if (error instanceof DirectoryUnavailableError) return { kind: 'unavailable' };
      throw error;
    }
  }

  /**
   * Judges the secret of an account that has `ldap`, and has the account follow its entry. Rejects
   * with nothing but bugs. The secret stays the caller's to wipe; ldapts makes a text of it.
   */
  async authenticate(login: LoginRecord, secret: Uint8Array): Promise<LdapAuthentication> {
    const text = readSecret(secret);
    if (text === undefined) return { kind: 'mismatch', detail: 'empty, too long or not UTF-8' };
    const { account } = login;
    if (this.isRemembered(login, secret)) return { kind: 'match', account };
    if (!this.#directory.isOn) {
      return { kind: 'unavailable', detail: 'LDAP is not set up: ldap.servers is empty' };
    }
    const outcome = await this.#judge(account, text);
    const mayRemember = this.#directory.settings.rememberSeconds > 0;
    if (outcome.kind === 'match' && mayRemember && !isBlockedKind(account.kind)) {
      const remembered = this.#remembered;
      remembered.add(remembered.markOf({ ...login, account: outcome.account }, secret));
    }
    return outcome;
  }

  /**
   * Whether the person of an account is still there, for a login whose secret was right by another
   * judge than LDAP. Of accounts without an entry LDAP says nothing. Never rejects.
   */
  confirm(account: AccountRecord): Promise<LdapPresence> {
    return this.#presence.look(account);
  }

  /** Whether this very secret was right within `rememberSeconds`. */
  isRemembered(login: LoginRecord, secret: Uint8Array): boolean {
    return this.#remembered.has(this.#remembered.markOf(login, secret));
  }

  /** @param entry What the account follows; undefined: no entry, it is absent now. */
  async follow(account: AccountRecord, entry: LdapEntry | undefined): Promise<FollowOutcome> {
    if (entry === undefined) return this.#follow(account, absent(account));
    const read = readEntryFields(entry, this.#directory.settings.domain);
    return read.ok ? this.#follow(account, read.fields) : read;
  }

  /**
   * Makes the account of an entry that has none, before anybody logs in by it.
   *
   * @param isDry Only says what would come of it.
   * @returns `none`: it has one, is disabled or has no address, so that it needs none.
   */
  async addAccount(entry: LdapEntry, isDry: boolean): Promise<NewcomerOutcome> {
    if (!entry.isEnabled || entry.address === undefined) return { ok: true, change: 'none' };
    const read = readEntryFields(entry, this.#directory.settings.domain);
    if (!read.ok) return read;
    const known = await this.#findKnown(entry, read.fields);
    if (known !== undefined) return { ok: true, change: 'none' };
    const { account } = this.#draft(entry, read.fields);
    if (isDry) return { ok: true, account, change: 'added' };
    return this.#follow(account, read.fields);
  }

  /** Whether `follow` would change the account, as far as its entry says. */
  wouldChange(account: AccountRecord, entry: LdapEntry | undefined): FollowOutcome {
    if (entry === undefined) return { ok: true, account, change: 'changed' };
    const read = readEntryFields(entry, this.#directory.settings.domain);
    if (!read.ok) return read;
    return { ok: true, account, change: isUpToDate(account, read.fields) ? 'none' : 'changed' };
  }

  async #judge(account: AccountRecord, secret: string): Promise<LdapAuthentication> {
    const find = finderOf(account, this.#directory);
    const dn =
      account.ldap?.entryId === undefined ? this.#directory.dnOf(nameOf(account)) : undefined;
    let found = dn === undefined ? await find(false) : undefined;
    // Who is gone or disabled is so whatever becomes of the secret.
    if (found !== undefined) await this.#noteLeaving(account, found);
    if (found !== undefined && found.kind !== 'found') return toOutcome(found);
    let verdict = await this.#directory.tryBind(dn ?? found?.entry.dn ?? '', secret);
    if (verdict.kind === 'mismatch' && found?.isCopy === true) {
      // Somebody may have been renamed a moment ago.
      const again = await find(true);
      if (again.kind === 'found' && again.entry.dn !== found.entry.dn) {
        found = again;
        verdict = await this.#directory.tryBind(again.entry.dn, secret);
      }
    }
    if (verdict.kind !== 'match') return verdict;
    if (found === undefined || account.ldap?.entryId === undefined)
      return { kind: 'match', account };
    if (found.isCopy && this.#differs(account, found.entry)) {
      // Either may be the older one: an account that was switched off meanwhile stays so.
      const again = await find(true);
      if (again.kind !== 'found') return toOutcome(again);
      found = again;
    }
    return this.#settle(account, found.entry);
  }

  async #noteLeaving(account: AccountRecord, found: EntryLookup): Promise<void> {
    if (found.kind === 'found' && found.entry.isEnabled) return;
    await this.#presence.note(account, found);
  }

  #differs(account: AccountRecord, entry: LdapEntry): boolean {
    const outcome = this.wouldChange(account, entry);
    return !outcome.ok || outcome.change !== 'none';
  }

  /** The secret was right: what was a draft becomes an account, what has changed changes. */
  async #settle(account: AccountRecord, entry: LdapEntry): Promise<LdapAuthentication> {
    try {
      const outcome = await this.follow(account, entry);
      if (outcome.ok) return { kind: 'match', account: outcome.account };
      this.#options.onEvent({ name: 'ldap.account-refused', reason: outcome.detail });
      return { kind: 'refused', detail: outcome.detail };
    } catch (error) {
      if (!(error instanceof DirectoryUnavailableError)) throw error;
      // Whoever is an account already gets in: his record is renewed another time.
      if (account.version !== DRAFT_VERSION) return { kind: 'match', account };
      return { kind: 'unavailable', detail: error.message };
    }
  }

  async #follow(account: AccountRecord, fields: EntryFields): Promise<FollowOutcome> {
    const { store, onEvent } = this.#options;
    const isDraft = account.version === DRAFT_VERSION;
    const write = isDraft
      ? addFromEntry(account, fields, store)
      : updateFromEntry(account, fields, store);
    const outcome = await write;
    if (!outcome.ok) return outcome;
    const { address, home } = outcome.account;
    if (outcome.change === 'added')
      onEvent({ name: 'ldap.account-added', account: address, site: home });
    if (outcome.change === 'changed') onEvent({ name: 'ldap.account-changed', account: address });
    return outcome;
  }

  /** By the entry's own id; or an account that an operator has made for the same person. */
  async #findKnown(entry: LdapEntry, { address }: EntryFields): Promise<LoginRecord | undefined> {
    const { store } = this.#options;
    const own = await store.loadLogin(accountIdOfEntry(entry.id));
    if (own !== undefined) return own;
    const id = await store.findAccountId(address);
    const other = id === undefined ? undefined : await store.loadLogin(id);
    const isJudged = other?.account.ldap !== undefined && other.account.ldap.entryId === undefined;
    return isJudged ? other : undefined;
  }

  #draft(entry: LdapEntry, fields: EntryFields): LoginRecord {
    const account: AccountRecord = {
      ...fields,
      id: accountIdOfEntry(entry.id),
      isEnabled: true,
      home: (entry.site ?? this.#directory.settings.site) as SiteName,
      epoch: 1,
      connectionLimit: undefined,
      quotaBytes: undefined,
      quotaMessages: undefined,
      delegates: [],
      version: DRAFT_VERSION,
      createdAtMs: this.#options.nowMs(),
    };
    return { account, credentials: undefined };
  }

  #createPresence(): EntryPresence {
    const { store, elapsedMs, after, onEvent } = this.#options;
    const directory = this.#directory;
    const follow = this.follow.bind(this);
    return new EntryPresence({ directory, store, elapsedMs, after, follow, onEvent });
  }

  #createDirectory(settings: LdapSettings): LdapDirectory {
    const { elapsedMs, readFile, readSecretFile, onEvent, onAsked } = this.#options;
    const directory = new LdapDirectory({
      settings,
      elapsedMs,
      readFile,
      readSecretFile,
      onAsked,
      onAvailability(server, isAvailable, reason) {
        if (isAvailable) onEvent({ name: 'ldap.server-back', server });
        else onEvent({ name: 'ldap.server-lost', server, reason });
      },
    });
    const { problem } = directory;
    if (problem !== undefined) onEvent({ name: 'ldap.misconfigured', problem });
    return directory;
  }
}

/** How an account's entry is found: by its id, or by the name under which LDAP knows it. */
export function finderOf(
  account: AccountRecord,
  directory: LdapDirectory,
): (isAnew: boolean) => Promise<EntryLookup> {
  const entryId = account.ldap?.entryId;
  return entryId === undefined
    ? (isAnew) => directory.findByLogin(nameOf(account), isAnew)
    : (isAnew) => directory.findById(entryId, isAnew);
}

function nameOf({ ldap, address }: AccountRecord): string {
  return ldap?.loginName ?? address;
}

function absent(account: AccountRecord): EntryFields {
  const { address, names, displayName, kind, protocols } = account;
  const ldap = { entryId: account.ldap?.entryId, loginName: undefined, state: 'absent' as const };
  return { address, names, displayName, kind, protocols, ldap };
}

function toOutcome(found: Exclude<EntryLookup, { kind: 'found' }>): LdapAuthentication {
  return { kind: found.kind === 'unknown' ? 'mismatch' : 'unavailable', detail: found.detail };
}

function readSecret(secret: Uint8Array): string | undefined {
  if (secret.length === 0 || secret.length > SECRET_LIMIT_BYTES) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(secret);
  } catch {
    return undefined;
  }
}
