/**
 * Which folders the filters of NOTIFY and ESEARCH mean, as they are now (RFC 5465 §6,
 * RFC 7377 §2.2): selectable ones, each once, in the order of listings.
 */
import type { MailboxFilter } from '../../grammar/mailbox-filter.ts';
import type { FolderSummary } from '../ports.ts';
import { compareFolderPaths } from './list-order.ts';

/** Whether a folder is meant; "selected" means none by itself. */
export type FolderFilter = (folder: FolderSummary) => boolean;

/** Prepares a filter, which may have thousands of names, for thousands of folders. */
export function compileFilter(filter: MailboxFilter): FolderFilter {
  switch (filter.filter) {
    case 'selected':
    case 'selected-delayed':
      return () => false;
    case 'inboxes':
      // RFC 5465 §6.3: where mail is delivered to, which is INBOX alone.
      return ({ path }) => path === 'INBOX';
    case 'personal':
      return ({ isShared }) => isShared !== true;
    case 'subscribed':
      return ({ isSubscribed }) => isSubscribed;
    case 'mailboxes': {
      const names = new Set(filter.mailboxes);
      return ({ path }) => names.has(path);
    }
    case 'subtree': {
      const tops = new Set(filter.mailboxes);
      return ({ path }) => tops.has(path) || hasParentIn(path, tops);
    }
    case 'subtree-one': {
      const tops = new Set(filter.mailboxes);
      return ({ path }) => tops.has(path) || tops.has(path.slice(0, path.lastIndexOf('/')));
    }
  }
}

function hasParentIn(path: string, tops: ReadonlySet<string>): boolean {
  for (let slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
    if (tops.has(path.slice(0, slash))) return true;
  }
  return false;
}

/** @param selectedPath Undefined if none is selected: then "selected" means nothing. */
export function findFilteredPaths(
  folders: readonly FolderSummary[],
  filters: readonly MailboxFilter[],
  selectedPath: string | undefined,
): readonly string[] {
  const compiled = filters.map(compileFilter);
  const wantsSelected = filters.some(({ filter }) => filter === 'selected');
  return folders
    .filter(
      (folder) =>
        folder.isSelectable &&
        ((wantsSelected && folder.path === selectedPath) ||
          compiled.some((isMeant) => isMeant(folder))),
    )
    .map(({ path }) => path)
    .toSorted(compareFolderPaths);
}
