/** Where messages go that were found and belong to no folder. */
import type { FolderDraft, MailboxTransaction } from '../mailbox-transaction.ts';
import { placeMessage } from '../operations/placements.ts';

const PATH = 'Recovered';

/** Gives a message a place in the folder "Recovered", which is made if it is missing. */
export function placeInRecovered(
  tx: MailboxTransaction,
  message: {
    readonly messageId: number;
    readonly sizeBytes: number;
    readonly epochMs: number;
    readonly zoneMinutes: number;
  },
): void {
  placeMessage(tx, findRecovered(tx), {
    ...message,
    flagSetId: tx.flagSets.intern([]).id,
    isWatched: false,
  });
}

/** A mere parent of that name is left alone. */
function findRecovered(tx: MailboxTransaction): FolderDraft {
  for (let count = 1; ; count += 1) {
    const path = count === 1 ? PATH : `${PATH} ${count}`;
    const folder = tx.findFolder(path);
    if (folder?.isSelectable === true) return folder;
    if (folder !== undefined) continue;
    tx.setSubscribed(path, true);
    return tx.addFolder(path, { isSelectable: true });
  }
}
