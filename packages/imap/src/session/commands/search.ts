/** SEARCH and UID SEARCH (RFC 3501 §6.4.4, §6.4.8; mod-sequences, RFC 7162 §3.1.6). */
import type { CommandOf } from '../../grammar/command.ts';
import { type CommandResult, bad } from '../command-result.ts';
import { tellResults } from '../search/search-answer.ts';
import { completed, returnsOf, searchSelected } from '../search/search-run.ts';
import type { SessionContext } from '../session-context.ts';

export async function runSearch(
  context: SessionContext,
  command: CommandOf<'search'>,
): Promise<CommandResult> {
  if (command.charset !== undefined && context.enabled.utf8Accept) {
    return bad('Behind ENABLE UTF8=ACCEPT all text is UTF-8, and CHARSET is not to be given');
  }
  const search = await searchSelected(context, command);
  if ('status' in search) return search;
  const { numbering } = command;
  const returns = returnsOf(context, command.returns);
  const positions = search.findPositions();
  const view = context.selectedView;
  await tellResults(context, { word: 'SEARCH', numbering, view, search, positions }, returns);
  return completed('SEARCH', command, search);
}
