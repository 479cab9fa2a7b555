/** LSUB (RFC 3501 §6.3.9). */
import type { CommandOf } from '../../grammar/command.ts';
import { type CommandResult, ok } from '../command-result.ts';
import { LIST_BATCH, compareFolderPaths } from '../list/list-order.ts';
import { type ListPattern, compileListPattern } from '../list/list-pattern.ts';
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
  const shown = new Map<string, boolean>();
  for (const path of subscribed) {
    if (pattern.matches(path)) shown.set(path, !unselectable.has(path));
    else if (pattern.namesLevels) addMatchingParents(path, pattern, subscribed, shown);
  }
  for (const [order, path] of [...shown.keys()].toSorted(compareFolderPaths).entries()) {
    const flags = shown.get(path) === true ? '' : '\\Noselect';
    context.writer.untagged(`LSUB (${flags}) "/" ${context.formatMailbox(path)}`);
    if (order % LIST_BATCH === LIST_BATCH - 1 && !(await context.breathe())) break;
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
