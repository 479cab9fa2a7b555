/** Accounts in the embedded directory: the checks and the writes, each in one transaction. */
import { compareDelegates } from '../delegates.ts';
import type {
  AccountId,
  AccountRecord,
  CredentialSet,
  GroupId,
  LoginRecord,
  NameHolder,
  WriteOutcome,
} from '../ports.ts';
import {
  decodeAccount,
  decodeAppPasswords,
  decodeCredentials,
  encodeAccount,
} from '../record-codec.ts';
import type { Database, Row } from './database.ts';
import { noteChange } from './file-change-feed.ts';

type Refusal<Reason extends string> = {
  readonly ok: false;
  readonly reason: Reason;
  readonly detail: string;
};

export function findLogin(db: Database, id: AccountId): LoginRecord | undefined {
  const columns = 'record, version, credentials, app_passwords';
  const row = db.get(`SELECT ${columns} FROM accounts WHERE id = ?`, id);
  if (row === undefined) return undefined;
  const text = row['credentials'];
  const appPasswords = row['app_passwords'];
  return {
    account: toAccount(row),
    credentials: typeof text === 'string' ? decodeCredentials(text) : undefined,
    ...(typeof appPasswords === 'string' && { appPasswords: decodeAppPasswords(appPasswords) }),
  };
}

/** Who has a name, account or group. */
export function findHolder(db: Database, name: string): NameHolder | undefined {
  const account = db.get('SELECT id FROM names WHERE name = ?', name);
  if (account !== undefined) return { kind: 'account', id: String(account['id']) as AccountId };
  const group = db.get('SELECT id FROM group_names WHERE name = ?', name);
  return group === undefined ? undefined : { kind: 'group', id: String(group['id']) as GroupId };
}

export function listAccounts(
  db: Database,
  page: { readonly after: string | undefined; readonly limit: number },
): AccountRecord[] {
  const limit = Math.max(1, Math.min(page.limit, 1_000));
  const columns = 'SELECT record, version FROM accounts';
  const rows =
    page.after === undefined
      ? db.all(`${columns} ORDER BY address LIMIT ?`, limit)
      : db.all(`${columns} WHERE address > ? ORDER BY address LIMIT ?`, page.after, limit);
  return rows.map(toAccount);
}

export function addAccount(
  db: Database,
  account: AccountRecord,
  credentials: CredentialSet | undefined,
): WriteOutcome<'name-taken' | 'exists' | 'unknown-site'> {
  if (findLogin(db, account.id) !== undefined) {
    return refuse('exists', `there is an account ${account.id} already`);
  }
  const refusal = findSiteRefusal(db, account) ?? findNameRefusal(db, account);
  if (refusal !== undefined) return refusal;
  db.run(
    'INSERT INTO accounts (id, address, site, version, record, credentials) VALUES (?,?,?,?,?,?)',
    account.id,
    account.address,
    account.home,
    account.version,
    encodeAccount(account),
    encodeCredentials(credentials),
  );
  takeNames(db, account);
  const grantees = replaceShares(db, account.id, [], account.delegates);
  noteChange(db, { area: 'account', id: account.id, names: account.names, grantees });
  return { ok: true };
}

export function replaceAccount(
  db: Database,
  account: AccountRecord,
  expectedVersion: number,
): WriteOutcome<'name-taken' | 'nonexistent' | 'conflict' | 'unknown-site'> {
  const current = findLogin(db, account.id)?.account;
  if (current === undefined) return refuseUnknown(account.id);
  if (current.version !== expectedVersion) {
    return refuse('conflict', `account ${account.id} was changed meanwhile`);
  }
  const refusal = findSiteRefusal(db, account) ?? findNameRefusal(db, account);
  if (refusal !== undefined) return refusal;
  db.run('DELETE FROM names WHERE id = ?', account.id);
  db.run(
    'UPDATE accounts SET address = ?, site = ?, version = ?, record = ? WHERE id = ?',
    account.address,
    account.home,
    expectedVersion + 1,
    encodeAccount(account),
    account.id,
  );
  takeNames(db, account);
  const names = [...new Set([...current.names, ...account.names])];
  const grantees = replaceShares(db, account.id, current.delegates, account.delegates);
  noteChange(db, { area: 'account', id: account.id, names, grantees });
  return { ok: true };
}

export function setCredentials(
  db: Database,
  id: AccountId,
  credentials: CredentialSet | undefined,
): WriteOutcome<'nonexistent'> {
  const current = findLogin(db, id)?.account;
  if (current === undefined) return refuseUnknown(id);
  db.run(
    'UPDATE accounts SET credentials = ?, version = version + 1 WHERE id = ?',
    encodeCredentials(credentials),
    id,
  );
  noteChange(db, { area: 'account', id, names: current.names, grantees: [] });
  return { ok: true };
}

export function deleteAccount(db: Database, id: AccountId): WriteOutcome<'nonexistent'> {
  const current = findLogin(db, id)?.account;
  if (current === undefined) return refuseUnknown(id);
  db.run('DELETE FROM names WHERE id = ?', id);
  const grantees = replaceShares(db, id, current.delegates, []);
  db.run('DELETE FROM app_password_uses WHERE account_id = ?', id);
  db.run('DELETE FROM accounts WHERE id = ?', id);
  noteChange(db, { area: 'account', id, names: current.names, grantees });
  return { ok: true };
}

export function listSharers(db: Database, grantee: AccountId): AccountId[] {
  const sql = 'SELECT DISTINCT owner FROM shares WHERE grantee = ? ORDER BY owner';
  return db.all(sql, grantee).map((row) => String(row['owner']) as AccountId);
}

/** @returns Whose list of sharers changed. */
function replaceShares(
  db: Database,
  owner: AccountId,
  before: AccountRecord['delegates'],
  after: AccountRecord['delegates'],
): readonly AccountId[] {
  const { lost, gained } = compareDelegates(before, after);
  for (const grantee of lost) {
    const which = `grantee = ? AND owner = ? AND source = 'delegate'`;
    db.run(`DELETE FROM shares WHERE ${which}`, grantee, owner);
  }
  for (const grantee of gained) {
    db.run(`INSERT INTO shares VALUES (?, ?, 'delegate')`, grantee, owner);
  }
  return [...lost, ...gained];
}

function takeNames(db: Database, account: AccountRecord): void {
  for (const name of account.names) {
    db.run('INSERT INTO names (name, id) VALUES (?, ?)', name, account.id);
  }
}

function findSiteRefusal(
  db: Database,
  account: AccountRecord,
): Refusal<'unknown-site'> | undefined {
  if (db.get('SELECT 1 FROM sites WHERE name = ?', account.home) !== undefined) return undefined;
  return refuse('unknown-site', `there is no site ${account.home}`);
}

function findNameRefusal(db: Database, account: AccountRecord): Refusal<'name-taken'> | undefined {
  const taken = account.names.find((name) => {
    const holder = findHolder(db, name);
    return holder !== undefined && holder.id !== account.id;
  });
  if (taken === undefined) return undefined;
  return refuse('name-taken', `the name ${taken} is taken already`);
}

function refuse<Reason extends string>(reason: Reason, detail: string): Refusal<Reason> {
  return { ok: false, reason, detail };
}

function refuseUnknown(id: AccountId): Refusal<'nonexistent'> {
  return refuse('nonexistent', `there is no account ${id}`);
}

function toAccount(row: Row): AccountRecord {
  return decodeAccount(String(row['record']), Number(row['version']));
}

function encodeCredentials(credentials: CredentialSet | undefined): string | null {
  return credentials === undefined ? null : JSON.stringify(credentials);
}
