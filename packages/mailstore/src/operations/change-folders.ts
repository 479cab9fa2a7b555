/** Creating, deleting and renaming folders, and subscriptions. */
import type { Outcome, SpecialUse } from '../api.ts';
import type { Steps } from '../commit-queue.ts';
import { ancestorPaths, INBOX, isValidNewPath, type PathBounds } from '../folder-path.ts';
import type { FolderDraft, MailboxTransaction } from '../mailbox-transaction.ts';
import { inheritRights } from './access-rights.ts';
import { copyPlacements, readPlacements, removePlacements } from './placements.ts';
import { giveSpecialUse } from './special-uses.ts';

/** Messages of INBOX moved between two turns of the event loop. */
const STEP_MESSAGES = 1000;
/** Folders renamed between two turns. */
const STEP_FOLDERS = 200;
const DONE = { ok: true, value: undefined } as const;

export interface FolderBounds extends PathBounds {
  readonly folderCount: number;
  readonly subscriptionCount: number;
}

/** A folder to be made. */
export interface NewFolder {
  readonly path: string;
  readonly isSelectable: boolean;
  readonly specialUse?: SpecialUse | undefined;
}

/** Makes the folder and all above it. A mere parent becomes a folder of its own. */
export function createFolder(
  tx: MailboxTransaction,
  { path, isSelectable, specialUse }: NewFolder,
  bounds: FolderBounds,
): Outcome<string> {
  if (!isValidNewPath(path, bounds)) return { ok: false, reason: 'invalid-name' };
  const present = tx.findFolder(path);
  if (present !== undefined && (present.isSelectable || !isSelectable)) {
    return { ok: false, reason: 'already-exists' };
  }
  const missing = missingAncestors(tx, path);
  if (tx.folderCount() + missing.length + 1 > bounds.folderCount) {
    return { ok: false, reason: 'too-many' };
  }
  for (const ancestor of missing) addFolder(tx, ancestor, true);
  if (present !== undefined) tx.removeFolder(present);
  const folder = addFolder(tx, path, isSelectable);
  const given = giveSpecialUse(tx, folder, specialUse);
  return given.ok ? { ok: true, value: folder.objectId } : given;
}

function addFolder(tx: MailboxTransaction, path: string, isSelectable: boolean): FolderDraft {
  const folder = tx.addFolder(path, { isSelectable });
  inheritRights(tx, folder);
  return folder;
}

/** RFC 3501 §6.3.4: with children, it stays as a mere parent; INBOX stays whole. */
export function deleteFolder(tx: MailboxTransaction, path: string): Outcome<void> {
  if (path === INBOX) return { ok: false, reason: 'not-permitted' };
  const folder = tx.findFolder(path);
  if (folder === undefined) return { ok: false, reason: 'nonexistent' };
  const hasChildren = tx.hasChildren(path);
  if (hasChildren && !folder.isSelectable) return { ok: false, reason: 'has-children' };
  tx.removeFolder(folder);
  if (hasChildren) addFolder(tx, path, false);
  return DONE;
}

/** RFC 3501 §6.3.5. Subscriptions are names and stay as they are. */
export function* renameFolder(
  tx: MailboxTransaction,
  from: string,
  to: string,
  bounds: FolderBounds,
): Steps<void> {
  if (!isValidNewPath(to, bounds)) return { ok: false, reason: 'invalid-name' };
  const folder = tx.findFolder(from);
  if (folder === undefined) return { ok: false, reason: 'nonexistent' };
  if (tx.findFolder(to) !== undefined) return { ok: false, reason: 'already-exists' };
  if (from === INBOX) return yield* emptyInboxInto(tx, folder, to, bounds);
  if (to.startsWith(`${from}/`)) return { ok: false, reason: 'not-permitted' };
  const missing = missingAncestors(tx, to);
  if (tx.folderCount() + missing.length > bounds.folderCount) {
    return { ok: false, reason: 'too-many' };
  }
  for (const ancestor of missing) addFolder(tx, ancestor, true);
  const descendants = tx.descendantIds(from);
  tx.renameFolder(folder, to);
  for (const [at, id] of descendants.entries()) {
    if (at % STEP_FOLDERS === STEP_FOLDERS - 1) yield;
    const child = tx.findFolderById(id);
    if (child === undefined) continue;
    const path = to + child.path.slice(from.length);
    if (!isValidNewPath(path, bounds)) return { ok: false, reason: 'invalid-name' };
    tx.renameFolder(child, path);
  }
  return DONE;
}

/** A name may be subscribed whether or not a folder has it (RFC 3501 §6.3.6). */
export function setSubscribed(
  tx: MailboxTransaction,
  path: string,
  isSubscribed: boolean,
  bounds: FolderBounds,
): Outcome<void> {
  if (isSubscribed) {
    if (!isValidNewPath(path, bounds)) return { ok: false, reason: 'invalid-name' };
    const count = Number(tx.database.statement('SELECT count(*) FROM subscription').row()?.[0]);
    if (count >= bounds.subscriptionCount) return { ok: false, reason: 'too-many' };
  }
  tx.setSubscribed(path, isSubscribed);
  return DONE;
}

/** Moves all messages of INBOX into a new folder; folders below INBOX stay. */
function* emptyInboxInto(
  tx: MailboxTransaction,
  inbox: FolderDraft,
  to: string,
  bounds: FolderBounds,
): Steps<void> {
  const created = createFolder(tx, { path: to, isSelectable: true }, bounds);
  if (!created.ok) return created;
  const target = tx.findFolder(to);
  if (target === undefined) throw new Error('a created folder is missing');
  const select = tx.database.statement(
    'SELECT uid FROM placement WHERE folder_id = ? ORDER BY uid LIMIT ?',
  );
  for (;;) {
    const uids = select.rows(inbox.id, STEP_MESSAGES).map(([uid]) => Number(uid));
    if (uids.length === 0) return DONE;
    const placements = readPlacements(tx, inbox.id, uids);
    if (placements.length < uids.length) throw new Error('a place has no flags or no message');
    copyPlacements(tx, inbox, placements, target, false);
    removePlacements(tx, inbox, placements);
    yield;
  }
}

function missingAncestors(tx: MailboxTransaction, path: string): string[] {
  return ancestorPaths(path).filter((ancestor) => tx.findFolder(ancestor) === undefined);
}
