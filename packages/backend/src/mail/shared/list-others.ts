/** Lists the folders of others that an account may see, with the levels above them. */
import type { AccountId } from '@homeward/directory';
import type { FolderSummary } from '@homeward/imap/session';
import type { OtherMailboxes } from './other-mailboxes.ts';
import { formatOtherPath, OTHER_USERS } from './other-users-path.ts';
import type { Sharer } from './sharers.ts';

/** Mailboxes that one listing opens at once. */
const OPEN_COUNT = 4;
/** Of all others together; an account with more sees the first ones. */
const FOLDER_LIMIT = 20_000;

/** None of them is subscribed or has a use: both are of who lists, not of the owner. */
export async function listOthersFolders(
  sharers: readonly Sharer[],
  others: OtherMailboxes,
  grantee: AccountId,
): Promise<readonly FolderSummary[]> {
  const listed: (readonly FolderSummary[])[] = [];
  const queue = sharers.entries();
  let count = 0;
  const listNext = async (): Promise<void> => {
    for (const [order, sharer] of queue) {
      if (count >= FOLDER_LIMIT) return;
      const folders = await listFoldersOf(sharer, others, grantee);
      listed[order] = folders;
      count += folders.length;
    }
  };
  await Promise.all(Array.from({ length: OPEN_COUNT }, listNext));
  const all = listed.flat().slice(0, FOLDER_LIMIT);
  return all.length === 0 ? [] : [level(OTHER_USERS), ...all];
}

async function listFoldersOf(
  sharer: Sharer,
  others: OtherMailboxes,
  grantee: AccountId,
): Promise<readonly FolderSummary[]> {
  const opened = await others.open(sharer, grantee);
  if (!opened.ok) return [];
  try {
    const { address } = sharer.account;
    const visible = await opened.value.mailbox.listFolders();
    if (visible.length === 0) return [];
    const named = visible.map((folder) => ({
      ...folder,
      path: formatOtherPath(address, folder.path),
      isSubscribed: false,
      specialUse: undefined,
      isShared: true,
    }));
    return [level(formatOtherPath(address, '')), ...named];
  } finally {
    opened.value.close();
  }
}

/** A name that stands above folders and is none. */
function level(path: string): FolderSummary {
  return {
    path,
    isSelectable: false,
    hasChildren: true,
    isSubscribed: false,
    specialUse: undefined,
    isShared: true,
  };
}
