/**
 * Whether the person of an account is still in LDAP, for logins that LDAP does not judge: app
 * passwords, SCRAM, issuers' tokens. What a look finds is noted in the account as `homeward ldap
 * sync` notes it, so that open sessions end as well.
 *
 * An entry that is not found refuses the login at hand. The account is switched off with more care,
 * since a server may be wrong: only if these settings have found the entry before, a second look
 * misses it too, somebody else's is found, and not too many are missed at once. Whoever is found
 * again is switched on at that look.
 */
import { type AccountRecord, DirectoryUnavailableError } from '@homeward/directory';
import { LRUCache } from 'lru-cache';
import type { LdapEntry } from '../entry/ldap-entry.ts';
import { DRAFT_VERSION, type FollowOutcome } from './follow-entry.ts';
import type { EntryLookup, LdapDirectory } from './ldap-directory.ts';
import type { AccountStore, LdapEvent } from './ports.ts';

/** What a look comes to; `account` is as it is after that. */
export type LdapPresence =
  | { readonly kind: 'present'; readonly account: AccountRecord }
  | {
      readonly kind: 'gone';
      /** As its state would be if the account followed at once. */
      readonly account: AccountRecord;
      readonly detail: string;
    }
  /** LDAP does not find it, nor others that it had: it may be LDAP that is wrong. */
  | { readonly kind: 'doubtful'; readonly detail: string };

export interface EntryPresenceOptions {
  readonly directory: LdapDirectory;
  readonly store: Pick<AccountStore, 'getAccount'>;
  readonly elapsedMs: () => number;
  readonly after: (delayMs: number, run: () => void) => () => void;
  readonly follow: (account: AccountRecord, entry: LdapEntry | undefined) => Promise<FollowOutcome>;
  readonly onEvent: (event: LdapEvent) => void;
}

/** A login has 4.5 seconds; who waited that long for LDAP gets in as the account says. */
const LOOK_LIMIT_MS = 1_500;
/** Till the second look: longer than a server takes to be replaced behind its name. */
export const SECOND_LOOK_MS = 5_000;
/** Second looks that wait; the next login of who finds no place tries again. */
const PENDING_LIMIT = 100;
/**
 * As many as `homeward ldap sync` switches off in any case. It goes on to a tenth of all accounts;
 * a worker sees some of them, and does not know what others beside it have missed.
 */
const MISSED_COUNT = 5;
/** Those who were missed within that time count together. */
const MISSED_MS = 3_600_000;
/** Of others who are looked for; one that is found is enough. */
const CONTROL_COUNT = 3;
/** Between two lines of the log that say so. */
const DOUBT_EVERY_MS = 600_000;

/** With one set of settings, as its directory. Close it. */
export class EntryPresence {
  readonly #options: EntryPresenceOptions;
  readonly #looks = new Map<string, Promise<EntryLookup>>();
  /** Second looks to come, by entry. */
  readonly #pending = new Map<string, () => void>();
  readonly #missed: LRUCache<string, true>;
  #doubtedAtMs = -Infinity;

  constructor(options: EntryPresenceOptions) {
    this.#options = options;
    const perf = { now: options.elapsedMs };
    this.#missed = new LRUCache({ max: 10_000, ttl: MISSED_MS, perf, ttlResolution: 0 });
  }

  /** From a copy of the entry while that is new. Never rejects; LDAP being away changes nothing. */
  async look(account: AccountRecord): Promise<LdapPresence> {
    const entryId = entryOf(account);
    if (entryId === undefined || !this.#options.directory.isOn) return { kind: 'present', account };
    let found = await this.#find(entryId, false);
    if (found.kind === 'found' && found.isCopy && isNews(account, found.entry)) {
      // Either may be the older one.
      found = await this.#find(entryId, true);
    }
    if (found.kind === 'unavailable') return { kind: 'present', account };
    const noted = await this.note(account, found);
    if (found.kind === 'unknown') {
      const { detail } = found;
      const isNew = account.ldap?.state === 'present';
      if (isNew && this.#isInDoubt()) return { kind: 'doubtful', detail };
      return { kind: 'gone', account: withState(account, 'absent'), detail };
    }
    if (!found.entry.isEnabled) {
      return { kind: 'gone', account: withState(account, 'disabled'), detail: 'disabled' };
    }
    return { kind: 'present', account: noted };
  }

  /**
   * Takes what a look found into account. Never rejects for a directory that is away.
   *
   * @returns The account as it is after that.
   */
  async note(account: AccountRecord, found: EntryLookup): Promise<AccountRecord> {
    const entryId = entryOf(account);
    if (entryId === undefined || found.kind === 'unavailable') return account;
    if (found.kind === 'unknown') {
      if (account.ldap?.state !== 'absent') this.#lookAgain(account.id, entryId);
      return account;
    }
    this.#missed.delete(entryId);
    if (found.isCopy || !isNews(account, found.entry)) return account;
    const outcome = await this.#follow(account, found.entry);
    return outcome?.ok === true ? outcome.account : account;
  }

  close(): void {
    for (const cancel of this.#pending.values()) cancel();
    this.#pending.clear();
  }

  /** Those who come together share one look, and wait no longer than a login can. */
  async #find(entryId: string, isAnew: boolean): Promise<EntryLookup> {
    const key = `${isAnew ? 'anew' : 'copy'} ${entryId}`;
    const { directory, after } = this.#options;
    const look =
      this.#looks.get(key) ??
      directory.findById(entryId, isAnew).finally(() => this.#looks.delete(key));
    this.#looks.set(key, look);
    const late = Promise.withResolvers<EntryLookup>();
    const cancel = after(LOOK_LIMIT_MS, () =>
      late.resolve({ kind: 'unavailable', detail: 'no answer in time' }),
    );
    try {
      return await Promise.race([look, late.promise]);
    } finally {
      cancel();
    }
  }

  #lookAgain(id: AccountRecord['id'], entryId: string): void {
    const { directory, after } = this.#options;
    if (!directory.hasSeen(entryId)) return;
    this.#missed.set(entryId, true);
    if (this.#pending.has(entryId)) return;
    if (this.#pending.size >= PENDING_LIMIT) return;
    const cancel = after(SECOND_LOOK_MS, () => {
      // Nobody waits for it: it changes the directory, and that tells everybody.
      void this.#settle(id, entryId).finally(() => this.#pending.delete(entryId));
    });
    this.#pending.set(entryId, cancel);
  }

  async #settle(id: AccountRecord['id'], entryId: string): Promise<void> {
    const { directory, store } = this.#options;
    const again = await directory.findById(entryId, true);
    if (again.kind === 'found') this.#missed.delete(entryId);
    if (again.kind !== 'unknown') return;
    const doubt = await this.#findDoubt(entryId);
    if (doubt !== undefined) return this.#tellDoubt(doubt);
    try {
      const account = await store.getAccount(id);
      if (account?.ldap?.entryId !== entryId || account.ldap.state === 'absent') return;
      await this.#options.follow(account, undefined);
    } catch (error) {
      if (!(error instanceof DirectoryUnavailableError)) throw error;
    }
  }

  /** Why LDAP may be wrong, rather than the person gone. */
  async #findDoubt(entryId: string): Promise<string | undefined> {
    const { directory } = this.#options;
    this.#missed.purgeStale();
    const { size: missedCount } = this.#missed;
    if (missedCount > MISSED_COUNT) return `${missedCount} entries are missing at once`;
    const others = directory.seenIds.filter((one) => one !== entryId && !this.#missed.has(one));
    const controls = others.slice(0, CONTROL_COUNT);
    const looks = await Promise.all(controls.map((one) => directory.findById(one, true)));
    // With nobody to look for it counts whether others are missed.
    const isFound = looks.some(({ kind }) => kind === 'found');
    const isAlone = controls.length === 0 && missedCount <= 1;
    return isFound || isAlone ? undefined : 'entries of others are not found either';
  }

  #isInDoubt(): boolean {
    this.#missed.purgeStale();
    const isToldOf = this.#options.elapsedMs() - this.#doubtedAtMs < DOUBT_EVERY_MS;
    return isToldOf || this.#missed.size > MISSED_COUNT;
  }

  #tellDoubt(reason: string): void {
    const nowMs = this.#options.elapsedMs();
    if (nowMs - this.#doubtedAtMs < DOUBT_EVERY_MS) return;
    this.#doubtedAtMs = nowMs;
    this.#options.onEvent({ name: 'ldap.absence-doubted', reason });
  }

  async #follow(account: AccountRecord, entry: LdapEntry): Promise<FollowOutcome | undefined> {
    try {
      return await this.#options.follow(account, entry);
    } catch (error) {
      if (error instanceof DirectoryUnavailableError) return undefined;
      throw error;
    }
  }
}

function withState(account: AccountRecord, state: 'absent' | 'disabled'): AccountRecord {
  return account.ldap === undefined ? account : { ...account, ldap: { ...account.ldap, state } };
}

/** Undefined: LDAP does not say whether there is such an account, or there is none yet. */
function entryOf({ ldap, version }: AccountRecord): string | undefined {
  return version === DRAFT_VERSION ? undefined : ldap?.entryId;
}

function isNews({ ldap }: AccountRecord, { isEnabled }: LdapEntry): boolean {
  return ldap?.state !== (isEnabled ? 'present' : 'disabled');
}
