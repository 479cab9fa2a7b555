/** SORT and UID SORT (RFC 5256 §3), DISPLAYFROM and DISPLAYTO (RFC 5957), ESORT (RFC 5267 §3). */
import { createSorter } from '@homeward/search';
import type { CommandOf } from '../../grammar/command.ts';
import type { CommandResult } from '../command-result.ts';
import { runSteps } from '../search/run-steps.ts';
import { tellResults } from '../search/search-answer.ts';
import { completed, searchSelected } from '../search/search-run.ts';
import { readSortFacts } from '../search/sort-facts-reader.ts';
import type { SessionContext } from '../session-context.ts';

export async function runSort(
  context: SessionContext,
  command: CommandOf<'sort'>,
): Promise<CommandResult> {
  const search = await searchSelected(context, command);
  if ('status' in search) return search;
  const view = context.selectedView;
  const sorter = createSorter(command.order);
  const found: number[] = [];
  const { needsFacts } = sorter;
  await readSortFacts(context, view, search.findPositions(), needsFacts, (message) => {
    found.push(message.position);
    sorter.add(message);
  });
  const order = (await runSteps(context, sorter.sort())) ?? [];
  const positions = Array.from(order, (place) => found[place] ?? 0);
  const { numbering, returns } = command;
  await tellResults(context, { word: 'SORT', numbering, view, search, positions }, returns);
  return completed('SORT', command, search);
}
