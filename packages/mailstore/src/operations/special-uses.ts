/**
 * What folders are for (RFC 6154). One folder for each use: a client that asks for a second
 * one is refused, rather than that the first one loses its use behind other clients' backs.
 */
import type { Outcome, SpecialUse } from '../api.ts';
import { INBOX } from '../folder-path.ts';
import type { FolderDraft, MailboxTransaction } from '../mailbox-transaction.ts';

/** \All and \Flagged would be views over other folders, which this store has none of. */
const STORED_USES: ReadonlySet<string> = new Set<SpecialUse>([
  '\\Archive',
  '\\Drafts',
  '\\Junk',
  '\\Sent',
  '\\Trash',
]);
const DONE = { ok: true, value: undefined } as const;

/** @param use Undefined: none any more. */
export function giveSpecialUse(
  tx: MailboxTransaction,
  folder: FolderDraft,
  use: SpecialUse | undefined,
): Outcome<void> {
  if (folder.specialUse === use) return DONE;
  if (use !== undefined) {
    const isFit = STORED_USES.has(use) && folder.isSelectable && folder.path !== INBOX;
    if (!isFit || tx.hasSpecialUse(use)) return { ok: false, reason: 'not-permitted' };
  }
  tx.setSpecialUse(folder, use);
  return DONE;
}

/** @param path Canonical. */
export function setSpecialUse(
  tx: MailboxTransaction,
  path: string,
  use: SpecialUse | undefined,
): Outcome<void> {
  const folder = tx.findFolder(path);
  if (folder === undefined) return { ok: false, reason: 'nonexistent' };
  return giveSpecialUse(tx, folder, use);
}
