/** Groups in the embedded directory: the checks and the writes, each in one transaction. */
import type { GroupId, GroupRecord, WriteOutcome } from '../ports.ts';
import { decodeGroup, encodeGroup } from '../record-codec.ts';
import type { Database, Row } from './database.ts';
import { findHolder } from './embedded-accounts.ts';
import { noteChange } from './file-change-feed.ts';

const PAGE_LIMIT = 1_000;

type Refusal<Reason extends string> = Extract<WriteOutcome<Reason>, { readonly ok: false }>;

export function findGroup(db: Database, id: GroupId): GroupRecord | undefined {
  const row = db.get('SELECT record, version FROM groups WHERE id = ?', id);
  return row === undefined ? undefined : toGroup(row);
}

export function listGroups(
  db: Database,
  page: { readonly after: string | undefined; readonly limit: number },
): GroupRecord[] {
  const limit = Math.max(1, Math.min(page.limit, PAGE_LIMIT));
  const columns = 'SELECT record, version FROM groups';
  const rows =
    page.after === undefined
      ? db.all(`${columns} ORDER BY address LIMIT ?`, limit)
      : db.all(`${columns} WHERE address > ? ORDER BY address LIMIT ?`, page.after, limit);
  return rows.map(toGroup);
}

export function addGroup(db: Database, group: GroupRecord): WriteOutcome<'name-taken' | 'exists'> {
  const { id, address, version, names } = group;
  if (findGroup(db, id) !== undefined) return refuse('exists', `there is a group ${id} already`);
  const refusal = findNameRefusal(db, group);
  if (refusal !== undefined) return refusal;
  const record = encodeGroup(group);
  db.run(
    'INSERT INTO groups (id, address, version, record) VALUES (?,?,?,?)',
    id,
    address,
    version,
    record,
  );
  takeNames(db, group);
  noteChange(db, { area: 'group', id, names });
  return { ok: true };
}

export function replaceGroup(
  db: Database,
  group: GroupRecord,
  expectedVersion: number,
): WriteOutcome<'name-taken' | 'nonexistent' | 'conflict'> {
  const { id, address } = group;
  const current = findGroup(db, id);
  if (current === undefined) return refuseUnknown(id);
  if (current.version !== expectedVersion) {
    return refuse('conflict', `group ${id} was changed meanwhile`);
  }
  const refusal = findNameRefusal(db, group);
  if (refusal !== undefined) return refusal;
  db.run('DELETE FROM group_names WHERE id = ?', id);
  const change = 'UPDATE groups SET address = ?, version = ?, record = ? WHERE id = ?';
  db.run(change, address, expectedVersion + 1, encodeGroup(group), id);
  takeNames(db, group);
  noteChange(db, { area: 'group', id, names: [...new Set([...current.names, ...group.names])] });
  return { ok: true };
}

export function deleteGroup(db: Database, id: GroupId): WriteOutcome<'nonexistent'> {
  const current = findGroup(db, id);
  if (current === undefined) return refuseUnknown(id);
  db.run('DELETE FROM group_names WHERE id = ?', id);
  db.run('DELETE FROM groups WHERE id = ?', id);
  noteChange(db, { area: 'group', id, names: current.names });
  return { ok: true };
}

function takeNames(db: Database, group: GroupRecord): void {
  for (const name of group.names) {
    db.run('INSERT INTO group_names (name, id) VALUES (?, ?)', name, group.id);
  }
}

function findNameRefusal(db: Database, group: GroupRecord): Refusal<'name-taken'> | undefined {
  const taken = group.names.find((name) => {
    const holder = findHolder(db, name);
    return holder !== undefined && holder.id !== group.id;
  });
  if (taken === undefined) return undefined;
  return refuse('name-taken', `the name ${taken} is taken already`);
}

function refuse<Reason extends string>(reason: Reason, detail: string): Refusal<Reason> {
  return { ok: false, reason, detail };
}

function refuseUnknown(id: GroupId): Refusal<'nonexistent'> {
  return refuse('nonexistent', `there is no group ${id}`);
}

function toGroup(row: Row): GroupRecord {
  return decodeGroup(String(row['record']), Number(row['version']));
}
