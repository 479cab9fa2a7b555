/**
 * Accounts in Redis. A write reads the record first and names the version it read, so that its
 * script need not trust anything but that number: keys to free are right as long as the version
 * is. Writes that carry no version of their own try again when another writer was quicker.
 */
import { compareDelegates } from '../delegates.ts';
import {
  DirectoryUnavailableError,
  type AccountId,
  type AccountRecord,
  type AppPasswords,
  type CredentialSet,
  type DirectoryChange,
  type LoginRecord,
  type NameHolder,
  type WriteOutcome,
} from '../ports.ts';
import {
  decodeAccount,
  decodeAppPasswords,
  decodeCredentials,
  encodeAccount,
} from '../record-codec.ts';
import { type KeyLayout, parseHolder } from './key-layout.ts';
import type { RedisLink } from './redis-link.ts';
import {
  ADD_ACCOUNT,
  DELETE_ACCOUNT,
  NOTE_USE,
  REPLACE_ACCOUNT,
  SET_APP_PASSWORDS,
  SET_CREDENTIALS,
} from './scripts.ts';

/** Writers of one account that may be quicker than us before we give up. */
const ATTEMPT_LIMIT = 16;
const PAGE_LIMIT = 1_000;

type AddOutcome = WriteOutcome<'name-taken' | 'exists' | 'unknown-site'>;
type ReplaceOutcome = WriteOutcome<'name-taken' | 'nonexistent' | 'conflict' | 'unknown-site'>;

/** What the change of a deletion says in place of an epoch; those of accounts begin with 1. */
export const DELETED_EPOCH = 0;

export class RedisAccounts {
  readonly #link: RedisLink;
  readonly #keys: KeyLayout;

  constructor(link: RedisLink, keys: KeyLayout) {
    this.#link = link;
    this.#keys = keys;
  }

  async findId(name: string): Promise<AccountId | undefined> {
    const holder = await this.findHolder(name);
    return holder?.kind === 'account' ? holder.id : undefined;
  }

  async findHolder(name: string): Promise<NameHolder | undefined> {
    const text = await this.#link.run((client) => client.get(this.#keys.name(name)));
    return text === null ? undefined : parseHolder(text);
  }

  async load(id: AccountId): Promise<LoginRecord | undefined> {
    const [record, version, credentials, appPasswords] = await this.#link.run((client) =>
      client.hmget(this.#keys.account(id), 'record', 'version', 'credentials', 'appPasswords'),
    );
    if (!isText(record) || !isText(version)) return undefined;
    return {
      account: decodeAccount(record, Number(version)),
      credentials: isText(credentials) ? decodeCredentials(credentials) : undefined,
      ...(isText(appPasswords) && { appPasswords: decodeAppPasswords(appPasswords) }),
    };
  }

  async get(id: AccountId): Promise<AccountRecord | undefined> {
    const [record, version] = await this.#link.run((client) =>
      client.hmget(this.#keys.account(id), 'record', 'version'),
    );
    return isText(record) && isText(version) ? decodeAccount(record, Number(version)) : undefined;
  }

  async getCredentials(id: AccountId): Promise<CredentialSet | undefined> {
    const text = await this.#link.run((client) =>
      client.hget(this.#keys.account(id), 'credentials'),
    );
    return text === null ? undefined : decodeCredentials(text);
  }

  async list(page: { after: string | undefined; limit: number }): Promise<AccountRecord[]> {
    // "~" sorts behind every digit of an id: past the member of exactly this address.
    const start = page.after === undefined ? '-' : `(${page.after}\0~`;
    const limit = Math.max(1, Math.min(page.limit, PAGE_LIMIT));
    const members = await this.#link.run((client) =>
      client.zrangebylex(this.#keys.addresses, start, '+', 'LIMIT', 0, limit),
    );
    const found = await Promise.all(
      members.map(async (member) => {
        const [address, id] = member.split('\0');
        const account = await this.get(id as AccountId);
        return account?.address === address ? account : undefined;
      }),
    );
    return found.filter((account) => account !== undefined);
  }

  async listSharers(grantee: AccountId): Promise<AccountId[]> {
    const members = await this.#link.run((client) => client.smembers(this.#keys.sharers(grantee)));
    const owners = members.map((member) => member.slice(member.indexOf(':') + 1));
    return [...new Set(owners)].toSorted() as AccountId[];
  }

  async add(account: AccountRecord, credentials: CredentialSet | undefined): Promise<AddOutcome> {
    const { gained } = compareDelegates([], account.delegates);
    const answer = await this.#write(
      ADD_ACCOUNT,
      [
        this.#keys.account(account.id),
        this.#keys.addresses,
        this.#keys.residents,
        this.#keys.sites,
        ...this.#nameKeys(account.names),
        ...this.#sharersKeys(gained),
      ],
      changeOf(account.id, account.names, gained),
      [
        account.id,
        encodeAccount(account),
        account.version,
        encodeCredentials(credentials),
        account.home,
        memberOf(account),
        sharerOf(account.id),
        account.names.length,
      ],
    );
    return toOutcome(answer, account, account.names);
  }

  async replace(account: AccountRecord, expectedVersion: number): Promise<ReplaceOutcome> {
    const current = await this.get(account.id);
    if (current === undefined) return toOutcome(['nonexistent'], account, []);
    if (current.version !== expectedVersion) return toOutcome(['conflict'], account, []);
    const freed = current.names.filter((name) => !account.names.includes(name));
    const taken = account.names.filter((name) => !current.names.includes(name));
    const { lost, gained } = compareDelegates(current.delegates, account.delegates);
    const answer = await this.#write(
      REPLACE_ACCOUNT,
      [
        this.#keys.account(account.id),
        this.#keys.addresses,
        this.#keys.residents,
        this.#keys.sites,
        ...this.#nameKeys([...freed, ...taken]),
        ...this.#sharersKeys([...lost, ...gained]),
      ],
      {
        ...changeOf(account.id, [...current.names, ...taken], [...lost, ...gained]),
        ...(account.epoch !== current.epoch && { epoch: account.epoch }),
      },
      [
        account.id,
        encodeAccount(account),
        expectedVersion,
        current.home,
        account.home,
        memberOf(current),
        memberOf(account),
        sharerOf(account.id),
        freed.length,
        taken.length,
        lost.length,
      ],
    );
    return toOutcome(answer, account, taken);
  }

  async setCredentials(
    id: AccountId,
    credentials: CredentialSet | undefined,
  ): Promise<WriteOutcome<'nonexistent'>> {
    return this.#writeCurrent(id, (current) =>
      this.#write(SET_CREDENTIALS, [this.#keys.account(id)], changeOf(id, current.names, []), [
        current.version,
        encodeCredentials(credentials),
      ]),
    );
  }

  async setAppPasswords(
    id: AccountId,
    appPasswords: AppPasswords | undefined,
    expectedVersion: number,
  ): Promise<WriteOutcome<'nonexistent' | 'conflict'>> {
    const login = await this.load(id);
    if (login === undefined) return { ok: false, reason: 'nonexistent', detail: gone(id) };
    const kept = new Set((appPasswords?.all ?? []).map((one) => one.id));
    const lost = (login.appPasswords?.all ?? []).filter((one) => !kept.has(one.id));
    const [word] = await this.#write(
      SET_APP_PASSWORDS,
      [this.#keys.account(id)],
      changeOf(id, login.account.names, []),
      [
        expectedVersion,
        appPasswords === undefined ? '' : JSON.stringify(appPasswords),
        ...lost.map((one) => useField(one.id)),
      ],
    );
    if (word === 'ok') return { ok: true };
    const reason = word === 'conflict' ? word : 'nonexistent';
    return { ok: false, reason, detail: gone(id) };
  }

  async noteAppPasswordUse(id: AccountId, appPasswordId: string, atMs: number): Promise<void> {
    const args = [useField(appPasswordId), Math.round(atMs)];
    await this.#link.runScript(NOTE_USE, [this.#keys.account(id)], args);
  }

  async listAppPasswordUses(id: AccountId): Promise<ReadonlyMap<string, number>> {
    const fields = await this.#link.run((client) => client.hgetall(this.#keys.account(id)));
    const uses = Object.entries(fields).filter(([name]) => name.startsWith(USE_PREFIX));
    return new Map(uses.map(([name, atMs]) => [name.slice(USE_PREFIX.length), Number(atMs)]));
  }

  async delete(id: AccountId): Promise<WriteOutcome<'nonexistent'>> {
    return this.#writeCurrent(id, (current) => {
      const { lost } = compareDelegates(current.delegates, []);
      const { names, version, home } = current;
      return this.#write(
        DELETE_ACCOUNT,
        [
          this.#keys.account(id),
          this.#keys.addresses,
          this.#keys.residents,
          ...this.#nameKeys(names),
          ...this.#sharersKeys(lost),
        ],
        { ...changeOf(id, names, lost), epoch: DELETED_EPOCH },
        [version, home, memberOf(current), sharerOf(id), names.length],
      );
    });
  }

  #nameKeys(names: readonly string[]): string[] {
    return names.map((name) => this.#keys.name(name));
  }

  #sharersKeys(grantees: readonly AccountId[]): string[] {
    return grantees.map((grantee) => this.#keys.sharers(grantee));
  }

  /** Repeats a write on the record as it is, until no other writer came between. */
  async #writeCurrent(
    id: AccountId,
    write: (current: AccountRecord) => Promise<readonly unknown[]>,
  ): Promise<WriteOutcome<'nonexistent'>> {
    for (let attempt = 0; attempt < ATTEMPT_LIMIT; attempt += 1) {
      const current = await this.get(id);
      if (current === undefined) break;
      const [word] = await write(current);
      if (word === 'ok') return { ok: true };
      if (word === 'nonexistent') break;
      if (attempt === ATTEMPT_LIMIT - 1) {
        throw new DirectoryUnavailableError('the account is changed by others all the time');
      }
    }
    return { ok: false, reason: 'nonexistent', detail: `there is no account ${id}` };
  }

  async #write(
    script: typeof ADD_ACCOUNT,
    keys: readonly string[],
    change: DirectoryChange,
    args: readonly (string | number)[],
  ): Promise<readonly unknown[]> {
    const answer = await this.#link.runScript(
      script,
      [this.#keys.changeCount, ...keys],
      [this.#keys.changeChannel, JSON.stringify(change), ...args],
    );
    return answer as readonly unknown[];
  }
}

const USE_PREFIX = 'used:';

function useField(appPasswordId: string): string {
  return USE_PREFIX + appPasswordId;
}

function gone(id: AccountId): string {
  return `account ${id} is gone, or was changed meanwhile`;
}

/** Redis answers null for a field that is not there. */
function isText(field: string | null | undefined): field is string {
  return typeof field === 'string';
}

function changeOf(
  id: AccountId,
  names: readonly string[],
  grantees: readonly AccountId[],
): Extract<DirectoryChange, { readonly area: 'account' }> {
  return { area: 'account', id, names, grantees };
}

/** The owner's place among the sharers of each of his delegates. */
function sharerOf(owner: AccountId): string {
  return `delegate:${owner}`;
}

function memberOf(account: AccountRecord): string {
  return `${account.address}\0${account.id}`;
}

function encodeCredentials(credentials: CredentialSet | undefined): string {
  return credentials === undefined ? '' : JSON.stringify(credentials);
}

/** @param names Those that the script tried to take; its answer points to one of them. */
function toOutcome<Reason extends string>(
  [word, index]: readonly unknown[],
  account: AccountRecord,
  names: readonly string[],
): WriteOutcome<Reason> {
  if (word === 'ok') return { ok: true };
  const details: Readonly<Record<string, string>> = {
    'name-taken': `the name ${names[Number(index)] ?? ''} is taken already`,
    exists: `there is an account ${account.id} already`,
    nonexistent: `there is no account ${account.id}`,
    conflict: `account ${account.id} was changed meanwhile`,
    'unknown-site': `there is no site ${account.home}`,
  };
  return { ok: false, reason: word as Reason, detail: details[String(word)] ?? '' };
}
