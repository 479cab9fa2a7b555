/**
 * COPY and MOVE between folders of one mailbox: octets and descriptions are shared, only
 * places are made. COPY is one transaction in steps (RFC 9051 §6.4.7: all or nothing); MOVE
 * is called with a few messages at a time, each wholly in one transaction (RFC 6851 §3.3).
 */
import type { Outcome } from '../api.ts';
import type { Steps } from '../commit-queue.ts';
import type { MailboxTransaction } from '../mailbox-transaction.ts';
import type { AppendBounds } from './append-messages.ts';
import {
  copyPlacements,
  countReferences,
  hasUids,
  readPlacements,
  removePlacements,
  type PlacementRow,
} from './placements.ts';
import { isOverQuota } from './quota.ts';

/** Messages between two turns of the event loop: about 3 ms. */
const STEP_MESSAGES = 1000;

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
  const copied: CopiedUids = { uidValidity: target.uidValidity, sourceUids: [], newUids: [] };
  for (let from = 0; from < uids.length; from += STEP_MESSAGES) {
    if (from > 0) yield;
    const placements = readPlacements(tx, fromFolderId, uids.slice(from, from + STEP_MESSAGES));
    if (!hasUids(target, placements.length)) return { ok: false, reason: 'too-many' };
    if (isOverQuota(tx, sumOf(placements), bounds)) return { ok: false, reason: 'over-quota' };
    countReferences(tx, placements, 1);
    copied.newUids.push(...copyPlacements(tx, source, placements, target, isWatched));
    copied.sourceUids.push(...placements.map(({ uid }) => uid));
  }
  return { ok: true, value: copied };
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
  const placements = readPlacements(tx, fromFolderId, uids);
  if (!hasUids(target, placements.length)) return { ok: false, reason: 'too-many' };
  const newUids = copyPlacements(tx, source, placements, target, bounds.isWatched(target.id));
  removePlacements(tx, source, placements);
  const sourceUids = placements.map(({ uid }) => uid);
  return { ok: true, value: { uidValidity: target.uidValidity, sourceUids, newUids } };
}

function sumOf(placements: readonly PlacementRow[]): { totalBytes: number; messageCount: number } {
  const totalBytes = placements.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return { totalBytes, messageCount: placements.length };
}
