/**
 * Mailboxes of deleted accounts: moved aside as they are, named by account and time, until they
 * are undeleted or purged. `root/deleted/<account id>.<ms>`.
 */
import { readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errorCode, nodeStoreFiles, openDatabase, OwnerLock } from '@homeward/durable-store';
import type { Outcome } from '../api.ts';
import { mailboxLayout, type MailboxLayout } from '../mailbox-layout.ts';
import { healFolders } from '../operations/heal-folders.ts';
import { migrateSchema } from '../schema.ts';
import { goBeyond } from './go-beyond.ts';
import { readSeenStates } from './seen-states.ts';
import { claimMailbox, findMailbox, type CareRefusal, type MailboxPlace } from './claim-mailbox.ts';

/** None of the folders that mailboxes are spread over: those have two hexadecimal digits. */
const DELETED_FOLDER = 'deleted';
const DATABASE_NAME = 'mailbox.db';
const NAME = /^(?<accountId>.+)\.(?<deletedMs>\d{1,16})$/;

/** A mailbox that was moved aside. */
export interface DeletedMailbox {
  readonly accountId: string;
  readonly deletedMs: number;
  readonly folder: string;
}

/**
 * Moves a mailbox aside; resolves when that is durable. Its account may have a new one at once.
 * Refused with `locked` while a worker has it open: `MailStore.deleteMailbox` closes it first.
 */
export async function deleteMailbox(
  place: MailboxPlace & { readonly nowMs: number },
): Promise<Outcome<DeletedMailbox, CareRefusal>> {
  const claimed = await claimMailbox(place);
  if (!claimed.ok) return claimed;
  const { layout, release } = claimed.value;
  try {
    const { accountId, nowMs } = place;
    const parent = join(place.root, DELETED_FOLDER);
    if (await nodeStoreFiles.makeFolder(parent)) await nodeStoreFiles.syncFolder(place.root);
    const folder = join(parent, `${accountId}.${nowMs}`);
    await moveFolder(layout.folder, folder);
    return { ok: true, value: { accountId, deletedMs: nowMs, folder } };
  } finally {
    release();
  }
}

/** All that were moved aside, the latest first. */
export async function listDeletedMailboxes(root: string): Promise<readonly DeletedMailbox[]> {
  const parent = join(root, DELETED_FOLDER);
  const found = (await listNames(parent)).flatMap((name): DeletedMailbox[] => {
    const { accountId, deletedMs } = NAME.exec(name)?.groups ?? {};
    if (accountId === undefined) return [];
    return [{ accountId, deletedMs: Number(deletedMs), folder: join(parent, name) }];
  });
  return found.sort((a, b) => b.deletedMs - a.deletedMs);
}

/** Deleted mailboxes of one account, the latest first, with the paths of their databases. */
export async function listStatesOf({
  root,
  accountId,
}: MailboxPlace): Promise<readonly (DeletedMailbox & { readonly database: string })[]> {
  return (await listDeletedMailboxes(root))
    .filter((deleted) => deleted.accountId === accountId)
    .map((deleted) => ({ ...deleted, database: join(deleted.folder, DATABASE_NAME) }));
}

/**
 * Moves a mailbox back, with all that it had. If it is not the latest one, clients may have seen
 * later ones, and it goes on beyond those (`go-beyond.ts`). Refused with `already-exists` if the
 * account has another one by now.
 *
 * @param place `deletedMs` says which one; undefined: the latest.
 */
export async function undeleteMailbox(
  place: MailboxPlace & { readonly deletedMs?: number | undefined },
): Promise<Outcome<DeletedMailbox, CareRefusal>> {
  const layout = mailboxLayout(place.root, place.accountId);
  const states = await listStatesOf(place);
  const at = states.findIndex(({ deletedMs }) => deletedMs === (place.deletedMs ?? deletedMs));
  const found = states[at];
  if (layout === undefined || found === undefined) return { ok: false, reason: 'nonexistent' };
  if ((await findMailbox(place)) !== undefined) return { ok: false, reason: 'already-exists' };
  await makeSpreadFolder(place.root, layout);
  if (!(await clearPlace(layout))) return { ok: false, reason: 'locked' };
  if (at > 0) await passStates(found, states);
  await moveFolder(found.folder, layout.folder);
  const { accountId, deletedMs, folder } = found;
  return { ok: true, value: { accountId, deletedMs, folder } };
}

/** While it lies aside: cut short, this is done once more. */
async function passStates(
  { accountId, database: path }: { readonly accountId: string; readonly database: string },
  states: readonly { readonly database: string }[],
): Promise<void> {
  const seen = await readSeenStates(states.map(({ database }) => database));
  const database = openDatabase(path);
  try {
    migrateSchema(database);
    healFolders(database);
    // The clock is the states' own: they know the next UIDVALIDITY.
    goBeyond(database, { accountId, nowMs: 0, seen });
    database.statement('PRAGMA wal_checkpoint(TRUNCATE)').row();
  } finally {
    database.close();
  }
}

/** Removes for ever those that were deleted before a moment. @returns The removed ones. */
export async function purgeDeletedMailboxes(options: {
  readonly root: string;
  readonly deletedBeforeMs: number;
}): Promise<readonly DeletedMailbox[]> {
  const due = (await listDeletedMailboxes(options.root)).filter(
    ({ deletedMs }) => deletedMs < options.deletedBeforeMs,
  );
  for (const { folder } of due) await rm(folder, { recursive: true, force: true });
  if (due.length > 0) await nodeStoreFiles.syncFolder(join(options.root, DELETED_FOLDER));
  return due;
}

/**
 * Removes what the making of a mailbox left when it was cut short: folders without a database.
 *
 * @returns False if a worker is at it.
 */
export async function clearPlace(layout: MailboxLayout): Promise<boolean> {
  if (!(await nodeStoreFiles.exists(layout.folder))) return true;
  const lock = OwnerLock.acquire(layout.ownerLock);
  if (lock === undefined) return false;
  try {
    if (await nodeStoreFiles.exists(layout.database)) return false;
    await rm(layout.folder, { recursive: true, force: true });
    return true;
  } finally {
    lock.release();
  }
}

/** Makes the folder that a mailbox's own lies in; durable. */
export async function makeSpreadFolder(root: string, layout: MailboxLayout): Promise<void> {
  if (await nodeStoreFiles.makeFolder(root)) await nodeStoreFiles.syncFolder(dirname(root));
  await nodeStoreFiles.makeFolder(layout.spreadFolder);
  await nodeStoreFiles.syncFolder(root);
}

/** Within a volume; durable. */
export async function moveFolder(from: string, to: string): Promise<void> {
  await rename(from, to);
  await nodeStoreFiles.syncFolder(dirname(to));
  await nodeStoreFiles.syncFolder(dirname(from));
}

async function listNames(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}
