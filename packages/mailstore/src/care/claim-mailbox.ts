/**
 * Taking hold of a mailbox without a store, for care that needs it for itself: the owner's
 * lock keeps every worker out meanwhile, and is refused while one has the mailbox open.
 */
import { nodeStoreFiles, OwnerLock } from '@homeward/durable-store';
import type { Outcome } from '../api.ts';
import { mailboxLayout, type MailboxLayout } from '../mailbox-layout.ts';

/** Which mailbox, on which volume. */
export interface MailboxPlace {
  /** Folder of the volume. */
  readonly root: string;
  readonly accountId: string;
}

/**
 * Why care was refused. `locked`: a worker has the mailbox open; it closes it a while after the
 * last session, or when the site is stopped.
 */
export type CareRefusal = 'nonexistent' | 'already-exists' | 'locked' | 'unavailable';

/** A mailbox that nobody else can open. Release it. */
export interface ClaimedMailbox {
  readonly layout: MailboxLayout;
  readonly release: () => void;
}

/** Never waits. */
export async function claimMailbox({
  root,
  accountId,
}: MailboxPlace): Promise<Outcome<ClaimedMailbox, CareRefusal>> {
  const layout = await findMailbox({ root, accountId });
  if (layout === undefined) return { ok: false, reason: 'nonexistent' };
  const lock = OwnerLock.acquire(layout.ownerLock);
  if (lock === undefined) return { ok: false, reason: 'locked' };
  return { ok: true, value: { layout, release: () => lock.release() } };
}

/** @returns undefined if there is no such mailbox. */
export async function findMailbox({
  root,
  accountId,
}: MailboxPlace): Promise<MailboxLayout | undefined> {
  const layout = mailboxLayout(root, accountId);
  if (layout === undefined || !(await nodeStoreFiles.exists(layout.database))) return undefined;
  return layout;
}
