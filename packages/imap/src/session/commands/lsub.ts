/** LSUB (RFC 3501 §6.3.9). */
import type { CommandOf } from '../../grammar/command.ts';
import { type CommandResult, ok } from '../command-result.ts';
import { parentsOf } from '../list/list-entries.ts';
import { LIST_BATCH, compareFolderPaths } from '../list/list-order.ts';
import { compileListPattern } from '../list/list-pattern.ts';
import { findMatchingPaths } from '../list/matching-paths.ts';
import type { SessionContext } from '../session-context.ts';

export async function runLsub(
  context: SessionContext,
  command: CommandOf<'lsub'>,
): Promise<CommandResult> {
  const pattern = compileListPattern(command.reference, command.pattern);
  const folders = await context.mailbox.listFolders();
  const subscribed = new Set(await context.mailbox.listDeadSubscriptions());
  const unselectable = new Set(subscribed);
  for (const folder of folders) {
    if (folder.isSubscribed) subscribed.add(folder.path);
    if (!folder.isSelectable) unselectable.add(folder.path);
  }
  const names = pattern.namesLevels ? withParents(subscribed) : subscribed;
  const matching = await findMatchingPaths(context, [pattern], names);
  const shown = new Map<string, boolean>();
  for (const path of subscribed) {
    if (matching.has(path)) shown.set(path, !unselectable.has(path));
    else if (pattern.namesLevels) addMatchingParents(path, matching, subscribed, shown);
  }
  for (const [order, path] of [...shown.keys()].toSorted(compareFolderPaths).entries()) {
    const flags = shown.get(path) === true ? '' : '\\Noselect';
    context.writer.untagged(`LSUB (${flags}) "/" ${context.formatMailbox(path)}`);
    if (order % LIST_BATCH === LIST_BATCH - 1 && !(await context.breathe())) break;
  }
  return ok('LSUB completed');
}

function withParents(paths: ReadonlySet<string>): ReadonlySet<string> {
  const names = new Set(paths);
  for (const path of paths) for (const parent of parentsOf(path)) names.add(parent);
  return names;
}

/** "%" shows the parents of a subscribed folder that it does not reach (RFC 3501 §6.3.9). */
function addMatchingParents(
  path: string,
  matching: ReadonlySet<string>,
  subscribed: ReadonlySet<string>,
  shown: Map<string, boolean>,
): void {
  for (const parent of parentsOf(path)) {
    if (matching.has(parent) && !subscribed.has(parent)) shown.set(parent, false);
  }
}
