/**
 * ESEARCH: SEARCH of many mailboxes (RFC 7377). Others than the selected one are opened for
 * reading, one at a time, and closed again; what cannot be opened is left out (§2.2).
 */
import { formatResults } from '@homeward/search';
import type { CommandOf, SearchReturns } from '../../grammar/command.ts';
import { type CommandResult, bad, no, ok } from '../command-result.ts';
import { FolderView } from '../folder-view.ts';
import { findFilteredPaths } from '../list/filtered-mailboxes.ts';
import { refusalText } from '../refusals.ts';
import { MessageSearch } from '../search/message-search.ts';
import { isSaveAlone, saveResults } from '../search/search-answer.ts';
import { refuseProgram } from '../search/search-limits.ts';
import { ALL_RESULTS, forgetSaved } from '../search/search-run.ts';
import type { SessionContext } from '../session-context.ts';

/** A search of more mailboxes at once is refused (RFC 7377 §2.4). */
const MAILBOX_LIMIT = 10_000;

export async function runEsearch(
  context: SessionContext,
  command: CommandOf<'esearch'>,
): Promise<CommandResult> {
  const refused = refuseProgram(command);
  if (refused !== undefined) {
    if (command.returns?.save === true) forgetSaved(context);
    return refused;
  }
  const sources = command.sources ?? [{ filter: 'selected' } as const];
  const wantsSelected = sources.some(({ filter }) => filter === 'selected');
  if (wantsSelected && context.view === undefined) return bad('Select a mailbox first');
  const folders = await context.mailbox.listFolders();
  const paths = findFilteredPaths(folders, sources, context.view?.folder.path);
  if (paths.length > MAILBOX_LIMIT) return no('[LIMIT] These are too many mailboxes at once');
  for (const path of paths) {
    const answered = await searchPath(context, path, command);
    if (answered !== undefined) return answered;
    if (!(await context.breathe())) break;
  }
  return ok('ESEARCH completed');
}

/** @returns nothing, or why the whole search fails. */
async function searchPath(
  context: SessionContext,
  path: string,
  command: CommandOf<'esearch'>,
): Promise<CommandResult | undefined> {
  const { view } = context;
  if (view !== undefined && view.folder.path === path) {
    return await searchView(context, view, command);
  }
  const opened = await context.mailbox.openFolder(path, true);
  if (!opened.ok) return undefined;
  try {
    const other = new FolderView(opened.value, false);
    return await searchView(context, other, command);
  } finally {
    opened.value.close();
  }
}

async function searchView(
  context: SessionContext,
  view: FolderView,
  command: CommandOf<'esearch'>,
): Promise<CommandResult | undefined> {
  const search = new MessageSearch(context, view, command);
  await search.run();
  if (context.endRequest === 'mail-unavailable' && search.hasMissed) {
    return no(refusalText('unavailable'));
  }
  const positions = search.findPositions();
  const returns = command.returns ?? ALL_RESULTS;
  if (returns.save) saveResults({ view, positions }, returns);
  if (positions.length === 0 || isSaveAlone(returns)) return undefined;
  const uids = positions.map((position) => view.uidAt(position));
  await tell(context, view, uids, returns, search.findHighestModSeq(positions));
  return undefined;
}

/** Only of mailboxes in which something was found (RFC 7377 §2.1). */
async function tell(
  context: SessionContext,
  view: FolderView,
  uids: readonly number[],
  returns: SearchReturns,
  modSeq: number | undefined,
): Promise<void> {
  const { writer } = context;
  const { path, uidValidity } = view.folder;
  const mailbox = context.formatMailbox(path);
  writer.beginResponse();
  writer.text(`* ESEARCH (TAG "${context.tag}" MAILBOX ${mailbox} UIDVALIDITY ${uidValidity}) UID`);
  for (const piece of formatResults(uids, returns)) {
    writer.text(piece);
    const relieved = writer.relieve();
    if (relieved !== undefined) await relieved;
  }
  if (modSeq !== undefined) writer.text(` MODSEQ ${modSeq}`);
  writer.text('\r\n');
  writer.endResponse();
}
