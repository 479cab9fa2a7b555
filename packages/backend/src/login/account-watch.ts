/**
 * Ends sessions that would not be let in any more: when an account is switched off, loses a
 * protocol or moves, and when a delegate loses his right, or has another one, the directory tells
 * of the change and those whom it concerns are judged again. While the directory is away
 * everybody stays; once it is back all are judged.
 */
import {
  type AccountId,
  type AccountRecord,
  type DirectoryDriver,
  findPolicyRefusal,
  isSecretStillGood,
  judgeDelegate,
  type SiteName,
} from '@homeward/directory';
import type { SessionEndReason } from '@homeward/sasl';
import type { Login } from './login.ts';
import type { WorkerDirectory } from './ports.ts';

/** Accounts that are read at once: after an outage there may be many thousands to go through. */
const READ_COUNT = 8;
/** A ticket's life with the skew of its clock: its writer may have seen what was before a change. */
const TICKET_AGE_MS = 90_000;
const RECENT_COUNT = 10_000;

export interface AccountWatchOptions {
  readonly driver: Pick<DirectoryDriver, 'subscribe'>;
  readonly directory: Pick<WorkerDirectory, 'readAccount' | 'readLogin'>;
  readonly site: SiteName;
  readonly elapsedMs: () => number;
  /** Told of a bug: nobody is ended for it. */
  readonly onFault: (error: unknown) => void;
}

type WatchedLogin = Pick<
  Login,
  'accountId' | 'delegateId' | 'access' | 'epoch' | 'protocol' | 'isOperator' | 'secret'
>;

/** Why a session would not be let in any more. */
export type RevocationReason = Extract<
  SessionEndReason,
  'account-changed' | 'account-disabled' | 'credentials-changed'
>;

/** What becomes of a session after a change. */
export interface SessionChanges {
  /** It has to end. Called once at most by the watch; others may end it as well. */
  end(reason: SessionEndReason): void;
  /** It goes on, with another record of the account whose mailbox it has. */
  renew(mailbox: AccountRecord): void;
}

interface Watched {
  readonly login: WatchedLogin;
  readonly session: SessionChanges;
}

type Found = AccountRecord | 'unknown' | 'unavailable';

/** Knows whose sessions are open. Close it. */
export class AccountWatch {
  readonly #options: AccountWatchOptions;
  readonly #unsubscribe: () => void;
  /** By mailbox and by delegate. */
  readonly #watched = new Map<AccountId, Set<Watched>>();
  readonly #changed = new Set<AccountId>();
  /** When which account changed, oldest first. */
  readonly #recent = new Map<AccountId, number>();
  /** Until then any account may have changed without being in `#recent`. */
  #doubtUntilMs = -Infinity;
  #readingCount = 0;

  constructor(options: AccountWatchOptions) {
    this.#options = options;
    this.#unsubscribe = options.driver.subscribe((change) => {
      if (change.area === 'account') this.#noteChange(change.id);
      else if (change.area === 'everything') this.#doubtAll();
    });
  }

  /** Watches over a session from now on. @returns How to cease. */
  watch(login: WatchedLogin, session: SessionChanges): () => void {
    if (login.isOperator) return () => undefined;
    const watched: Watched = { login, session };
    const ids = accountsOf(login);
    for (const id of ids) {
      const others = this.#watched.get(id) ?? new Set();
      this.#watched.set(id, others.add(watched));
      if (this.#mayBeOutdated(id)) this.#review(id);
    }
    return () => {
      for (const id of ids) this.#forget(id, watched);
    };
  }

  close(): void {
    this.#unsubscribe();
    this.#changed.clear();
    this.#watched.clear();
  }

  #forget(id: AccountId, watched: Watched): void {
    const all = this.#watched.get(id);
    if (all?.delete(watched) === true && all.size === 0) this.#watched.delete(id);
  }

  #noteChange(id: AccountId): void {
    const nowMs = this.#options.elapsedMs();
    this.#recent.delete(id);
    this.#recent.set(id, nowMs);
    for (const [oldest, atMs] of this.#recent) {
      const isOld = nowMs - atMs > TICKET_AGE_MS;
      if (!isOld && this.#recent.size <= RECENT_COUNT) break;
      if (!isOld) this.#doubtUntilMs = nowMs + TICKET_AGE_MS;
      this.#recent.delete(oldest);
    }
    if (this.#watched.has(id)) this.#review(id);
  }

  #doubtAll(): void {
    this.#doubtUntilMs = this.#options.elapsedMs() + TICKET_AGE_MS;
    for (const id of this.#watched.keys()) this.#review(id);
  }

  #mayBeOutdated(id: AccountId): boolean {
    const nowMs = this.#options.elapsedMs();
    if (nowMs < this.#doubtUntilMs) return true;
    const changedAtMs = this.#recent.get(id);
    return changedAtMs !== undefined && nowMs - changedAtMs <= TICKET_AGE_MS;
  }

  #review(id: AccountId): void {
    this.#changed.add(id);
    if (this.#readingCount >= READ_COUNT) return;
    this.#readingCount += 1;
    void this.#reviewAll();
  }

  /** A change that comes during the reading of an account has it read again. */
  async #reviewAll(): Promise<void> {
    for (const id of this.#changed) {
      this.#changed.delete(id);
      try {
        await this.#judgeSessionsOf(id);
      } catch (error) {
        this.#options.onFault(error);
      }
    }
    this.#readingCount -= 1;
  }

  async #judgeSessionsOf(id: AccountId): Promise<void> {
    const { directory, site } = this.#options;
    const found = new Map<AccountId, Found>([[id, await directory.readAccount(id)]]);
    for (const watched of [...(this.#watched.get(id) ?? [])]) {
      for (const other of accountsOf(watched.login)) {
        if (!found.has(other)) found.set(other, await directory.readAccount(other));
      }
      const { login, session } = watched;
      const mailbox = found.get(login.accountId);
      const reason = findEndReason(login, found, site) ?? (await this.#findSecretFault(login));
      if (reason === undefined) {
        if (typeof mailbox === 'object') session.renew(mailbox);
        continue;
      }
      for (const other of accountsOf(login)) this.#forget(other, watched);
      session.end(reason);
    }
  }

  /** Who came by a ticket is watched by his front end, which alone knows his secret. */
  async #findSecretFault({
    secret,
    accountId,
    delegateId,
    protocol,
  }: WatchedLogin): Promise<RevocationReason | undefined> {
    if (secret === undefined) return undefined;
    const holder = await this.#options.directory.readLogin(delegateId ?? accountId);
    const isGood = typeof holder !== 'object' || isSecretStillGood(secret, holder, protocol);
    return isGood ? undefined : 'credentials-changed';
  }
}

function accountsOf({ accountId, delegateId }: WatchedLogin): readonly AccountId[] {
  return delegateId === undefined ? [accountId] : [accountId, delegateId];
}

/** @returns Undefined where it may stay, or where the directory cannot tell. */
function findEndReason(
  login: WatchedLogin,
  found: ReadonlyMap<AccountId, Found>,
  site: SiteName,
): RevocationReason | undefined {
  const [mailbox, delegate] = accountsOf(login).map((id) => found.get(id) ?? 'unavailable');
  if (mailbox === 'unavailable' || delegate === 'unavailable') return undefined;
  if (typeof mailbox !== 'object' || delegate === 'unknown') return 'account-disabled';
  if (mailbox.home !== site || mailbox.epoch !== login.epoch) return 'account-changed';
  if (delegate === undefined) {
    return findPolicyRefusal(mailbox, login.protocol) && 'account-disabled';
  }
  const verdict = judgeDelegate(delegate, mailbox, login.protocol);
  if (!verdict.ok) return 'account-disabled';
  return verdict.access === login.access ? undefined : 'account-changed';
}
