/**
 * COPY and MOVE between folders of one mailbox: octets and descriptions are shared, only
 * places are made. COPY is one transaction in steps (RFC 3501 §6.4.7: all or nothing); MOVE
 * is called with a few messages at a time, each wholly in one transaction (RFC 6851 §3.3).
 */
import type { Outcome } from '../api.ts';
import type { Steps } from '../commit-queue.ts';
import type { MailboxTransaction } from '../mailbox-transaction.ts';
import { LAST_UID, placeMessage, type AppendBounds } from './append-messages.ts';
import { countReferences, findPlacement, removePlacement } from './expunge-messages.ts';
import { isOverQuota } from './quota.ts';

/** Messages between two turns of the event loop: about 4 ms. */
const STEP_MESSAGES = 400;

export interface CopiedUids {
  readonly uidValidity: number;
  readonly sourceUids: number[];
  readonly newUids: number[];
}

export function* copyMessages(
  tx: MailboxTransaction,
  fromFolderId: number,
  uids: readonly number[],
  toPath: string,
  bounds: AppendBounds,
): Steps<CopiedUids> {
  const source = tx.findFolderById(fromFolderId);
  const target = tx.findFolder(toPath);
  if (source === undefined || target === undefined || !target.isSelectable) {
    return { ok: false, reason: 'nonexistent' };
  }
  const isWatched = bounds.isWatched(target.id);
  const sourceUids: number[] = [];
  const newUids: number[] = [];
  for (const [at, uid] of uids.entries()) {
    if (at % STEP_MESSAGES === STEP_MESSAGES - 1) yield;
    const placement = findPlacement(tx, fromFolderId, uid);
    if (placement === undefined) continue;
    if (target.uidNext > LAST_UID) return { ok: false, reason: 'too-many' };
    if (isOverQuota(tx, placement.sizeBytes, bounds)) return { ok: false, reason: 'over-quota' };
    const flags = tx.flagSets.getById(placement.flagSetId);
    countReferences(tx, placement.messageId, 1);
    newUids.push(placeMessage(tx, target, { ...placement, flags, isWatched }));
    sourceUids.push(uid);
  }
  return { ok: true, value: { uidValidity: target.uidValidity, sourceUids, newUids } };
}

/** Moves into a folder; its own is possible and gives new UIDs. */
export function moveMessages(
  tx: MailboxTransaction,
  fromFolderId: number,
  uids: readonly number[],
  toPath: string,
  bounds: AppendBounds,
): Outcome<CopiedUids> {
  const source = tx.findFolderById(fromFolderId);
  const target = tx.findFolder(toPath);
  if (source === undefined || target === undefined || !target.isSelectable) {
    return { ok: false, reason: 'nonexistent' };
  }
  const isWatched = bounds.isWatched(target.id);
  const sourceUids: number[] = [];
  const newUids: number[] = [];
  for (const uid of uids) {
    const placement = findPlacement(tx, fromFolderId, uid);
    if (placement === undefined) continue;
    if (target.uidNext > LAST_UID) return { ok: false, reason: 'too-many' };
    removePlacement(tx, source, placement);
    const flags = tx.flagSets.getById(placement.flagSetId);
    newUids.push(placeMessage(tx, target, { ...placement, flags, isWatched }));
    sourceUids.push(uid);
  }
  return { ok: true, value: { uidValidity: target.uidValidity, sourceUids, newUids } };
}
