/**
 * LIST and LSUB (RFC 3501 §6.3.8, §6.3.9), with CHILDREN (RFC 3348) and SPECIAL-USE attributes
 * (RFC 6154 §2).
 */
import type { CommandOf } from '../../grammar/command.ts';
import { formatMailbox } from '../../grammar/responses/mailbox.ts';
import { type CommandResult, ok } from '../command-result.ts';
import { type ListPattern, compileListPattern } from '../list-pattern.ts';
import type { FolderSummary } from '../ports.ts';
import type { SessionContext } from '../session-context.ts';

/** Folders between two pauses for others. */
const BATCH = 500;

export async function runList(
  context: SessionContext,
  command: CommandOf<'list' | 'lsub'>,
): Promise<CommandResult> {
  const { writer } = context;
  if (command.pattern === '') {
    // A question for the separator and the root of the reference.
    writer.untagged('LIST (\\Noselect) "/" ""');
    return ok('LIST completed');
  }
  const pattern = compileListPattern(command.reference, command.pattern);
  const folders = await context.mailbox.listFolders();
  for (const [order, folder] of inOrder(folders).entries()) {
    if (pattern.matches(folder.path)) {
      writer.untagged(`LIST (${attributes(folder)}) "/" ${formatMailbox(folder.path)}`);
    }
    if (order % BATCH === BATCH - 1 && !(await context.breathe())) break;
  }
  return ok('LIST completed');
}

function attributes(folder: FolderSummary): string {
  const names = [folder.hasChildren ? '\\HasChildren' : '\\HasNoChildren'];
  if (!folder.isSelectable) names.unshift('\\Noselect');
  if (folder.specialUse !== undefined) names.push(folder.specialUse);
  return names.join(' ');
}

export async function runLsub(
  context: SessionContext,
  command: CommandOf<'list' | 'lsub'>,
): Promise<CommandResult> {
  const pattern = compileListPattern(command.reference, command.pattern);
  const folders = await context.mailbox.listFolders();
  const subscribed = new Set(await context.mailbox.listDeadSubscriptions());
  const unselectable = new Set(subscribed);
  for (const folder of folders) {
    if (folder.isSubscribed) subscribed.add(folder.path);
    if (!folder.isSelectable) unselectable.add(folder.path);
  }
  const shown = new Map<string, boolean>();
  for (const path of subscribed) {
    if (pattern.matches(path)) shown.set(path, !unselectable.has(path));
    else if (pattern.namesLevels) addMatchingParents(path, pattern, subscribed, shown);
  }
  for (const [order, path] of [...shown.keys()].toSorted(byPath).entries()) {
    const flags = shown.get(path) === true ? '' : '\\Noselect';
    context.writer.untagged(`LSUB (${flags}) "/" ${formatMailbox(path)}`);
    if (order % BATCH === BATCH - 1 && !(await context.breathe())) break;
  }
  return ok('LSUB completed');
}

/** "%" shows the parents of a subscribed folder that it does not reach (RFC 3501 §6.3.9). */
function addMatchingParents(
  path: string,
  pattern: ListPattern,
  subscribed: ReadonlySet<string>,
  shown: Map<string, boolean>,
): void {
  for (let slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
    const parent = path.slice(0, slash);
    if (pattern.matches(parent) && !subscribed.has(parent)) shown.set(parent, false);
  }
}

function inOrder(folders: readonly FolderSummary[]): FolderSummary[] {
  return folders.toSorted((left, right) => byPath(left.path, right.path));
}

/** INBOX first, then by code point, which keeps children behind their parents. */
function byPath(left: string, right: string): number {
  if (left === right) return 0;
  if (left === 'INBOX' || right === 'INBOX') return left === 'INBOX' ? -1 : 1;
  return left < right ? -1 : 1;
}
