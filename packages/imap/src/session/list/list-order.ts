/** In which order listings name folders, and how many of them at a time. */

/** Folders between two pauses for others. */
export const LIST_BATCH = 500;

/** INBOX first, then by code point, which keeps children behind their parents. */
export function compareFolderPaths(left: string, right: string): number {
  if (left === right) return 0;
  if (left === 'INBOX' || right === 'INBOX') return left === 'INBOX' ? -1 : 1;
  return left < right ? -1 : 1;
}
