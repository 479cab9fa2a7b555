/**
 * Mailboxes of deleted accounts: moved aside as they are, named by account and time, until they
 * are undeleted or purged. `root/deleted/<account id>.<ms>`.
 */
import { readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Outcome } from '../api.ts';
import { mailboxLayout, type MailboxLayout } from '../mailbox-layout.ts';
import { OwnerLock } from '../owner-lock.ts';
import { errorCode, nodeStoreFiles } from '../store-files.ts';
import { claimMailbox, findMailbox, type CareRefusal, type MailboxPlace } from './claim-mailbox.ts';

/** None of the folders that mailboxes are spread over: those have two hexadecimal digits. */
const DELETED_FOLDER = 'deleted';
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

/**
 * Moves a mailbox back, with all that it had. Refused with `already-exists` if the account has
 * another one by now.
 *
 * @param place `deletedMs` says which one; undefined: the latest.
 */
export async function undeleteMailbox(
  place: MailboxPlace & { readonly deletedMs?: number | undefined },
): Promise<Outcome<DeletedMailbox, CareRefusal>> {
  const layout = mailboxLayout(place.root, place.accountId);
  const found = (await listDeletedMailboxes(place.root)).find(
    ({ accountId, deletedMs }) =>
      accountId === place.accountId && deletedMs === (place.deletedMs ?? deletedMs),
  );
  if (layout === undefined || found === undefined) return { ok: false, reason: 'nonexistent' };
  if ((await findMailbox(place)) !== undefined) return { ok: false, reason: 'already-exists' };
  await makeSpreadFolder(place.root, layout);
  if (!(await clearPlace(layout))) return { ok: false, reason: 'locked' };
  await moveFolder(found.folder, layout.folder);
  return { ok: true, value: found };
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
