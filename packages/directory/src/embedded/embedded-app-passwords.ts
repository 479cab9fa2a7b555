/** App passwords in the embedded directory, and when they were used. */
import type { AccountId, AppPasswords, WriteOutcome } from '../ports.ts';
import type { Database } from './database.ts';
import { findLogin } from './embedded-accounts.ts';
import { noteChange } from './file-change-feed.ts';

export function setAppPasswords(
  db: Database,
  id: AccountId,
  appPasswords: AppPasswords | undefined,
  expectedVersion: number,
): WriteOutcome<'nonexistent' | 'conflict'> {
  const current = findLogin(db, id);
  const detail = `account ${id} is gone, or was changed meanwhile`;
  if (current === undefined) return { ok: false, reason: 'nonexistent', detail };
  if (current.account.version !== expectedVersion) return { ok: false, reason: 'conflict', detail };
  db.run(
    'UPDATE accounts SET app_passwords = ?, version = version + 1 WHERE id = ?',
    appPasswords === undefined ? null : JSON.stringify(appPasswords),
    id,
  );
  const kept = new Set((appPasswords?.all ?? []).map((one) => one.id));
  for (const one of current.appPasswords?.all ?? []) {
    if (kept.has(one.id)) continue;
    const which = 'account_id = ? AND app_password_id = ?';
    db.run(`DELETE FROM app_password_uses WHERE ${which}`, id, one.id);
  }
  noteChange(db, { area: 'account', id, names: current.account.names, grantees: [] });
  return { ok: true };
}

export function noteAppPasswordUse(
  db: Database,
  id: AccountId,
  appPasswordId: string,
  atMs: number,
): void {
  db.run(
    'INSERT OR REPLACE INTO app_password_uses SELECT id, ?, ? FROM accounts WHERE id = ?',
    appPasswordId,
    Math.round(atMs),
    id,
  );
}

export function listAppPasswordUses(db: Database, id: AccountId): ReadonlyMap<string, number> {
  const sql = 'SELECT app_password_id, at_ms FROM app_password_uses WHERE account_id = ?';
  const rows = db.all(sql, id);
  return new Map(rows.map((row) => [String(row['app_password_id']), Number(row['at_ms'])]));
}
