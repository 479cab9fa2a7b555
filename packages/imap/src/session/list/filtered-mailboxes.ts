/**
 * Which folders the filters of NOTIFY and ESEARCH mean, as they are now (RFC 5465 §6,
 * RFC 7377 §2.2): selectable ones, each once, in the order of listings.
 */
import type { MailboxFilter } from '../../grammar/mailbox-filter.ts';
import type { FolderSummary } from '../ports.ts';
import { compareFolderPaths } from './list-order.ts';

/** Those that a filter other than "selected" means. */
export function matchesFilter(filter: MailboxFilter, folder: FolderSummary): boolean {
  const { path } = folder;
  switch (filter.filter) {
    case 'selected':
    case 'selected-delayed':
      return false;
    case 'inboxes':
      // RFC 5465 §6.3: where mail is delivered to, which is INBOX alone.
      return path === 'INBOX';
    case 'personal':
      return folder.isShared !== true;
    case 'subscribed':
      return folder.isSubscribed;
    case 'mailboxes':
      return filter.mailboxes.includes(path);
    case 'subtree':
      return filter.mailboxes.some((top) => path === top || path.startsWith(`${top}/`));
    case 'subtree-one':
      return filter.mailboxes.some((top) => path === top || isChild(path, top));
  }
}

function isChild(path: string, top: string): boolean {
  return path.startsWith(`${top}/`) && !path.slice(top.length + 1).includes('/');
}

/** @param selectedPath Undefined if none is selected: then "selected" means nothing. */
export function findFilteredPaths(
  folders: readonly FolderSummary[],
  filters: readonly MailboxFilter[],
  selectedPath: string | undefined,
): readonly string[] {
  const wantsSelected = filters.some(({ filter }) => filter === 'selected');
  return folders
    .filter(
      (folder) =>
        folder.isSelectable &&
        ((wantsSelected && folder.path === selectedPath) ||
          filters.some((filter) => matchesFilter(filter, folder))),
    )
    .map(({ path }) => path)
    .toSorted(compareFolderPaths);
}
