/**
 * Takes messages out of a folder and notes their UIDs in its history. Their octets stay until
 * `remove-garbage.ts` finds that no folder has them.
 */
import type { Outcome } from '../api.ts';
import type { MailboxTransaction } from '../mailbox-transaction.ts';
import { countReferences, readPlacements, removePlacements } from './placements.ts';

/**
 * @param uids Ascending.
 * @param isDeletedOnly Leaves those that are not \Deleted.
 * @returns The removed ones.
 */
export function expungeMessages(
  tx: MailboxTransaction,
  folderId: number,
  uids: readonly number[],
  isDeletedOnly: boolean,
): Outcome<number[]> {
  const folder = tx.findFolderById(folderId);
  if (folder === undefined) return { ok: false, reason: 'nonexistent' };
  const placements = readPlacements(tx, folderId, uids).filter(
    ({ flagSetId }) => !isDeletedOnly || tx.flagSets.getById(flagSetId).isDeleted,
  );
  removePlacements(tx, folder, placements);
  countReferences(tx, placements, -1);
  return { ok: true, value: placements.map(({ uid }) => uid) };
}
