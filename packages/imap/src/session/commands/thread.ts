/** THREAD and UID THREAD (RFC 5256 §3). */
import { createThreader, formatThreads } from '@homeward/search';
import type { CommandOf } from '../../grammar/command.ts';
import type { CommandResult } from '../command-result.ts';
import { runSteps } from '../search/run-steps.ts';
import { completed, searchSelected } from '../search/search-run.ts';
import { readSortFacts } from '../search/sort-facts-reader.ts';
import type { SessionContext } from '../session-context.ts';

export async function runThread(
  context: SessionContext,
  command: CommandOf<'thread'>,
): Promise<CommandResult> {
  const search = await searchSelected(context, command);
  if ('status' in search) return search;
  const view = context.selectedView;
  const threader = createThreader(command.algorithm);
  const numbers: number[] = [];
  await readSortFacts(context, view, search.findPositions(), true, (message) => {
    const { position } = message;
    numbers.push(command.numbering === 'uid' ? view.uidAt(position) : position + 1);
    threader.add(message);
  });
  const forest = await runSteps(context, threader.thread());
  if (forest !== undefined) {
    await tell(
      context,
      formatThreads(forest, (place) => numbers[place] ?? 0),
    );
  }
  return completed('THREAD', command, search);
}

async function tell(context: SessionContext, pieces: Iterable<string>): Promise<void> {
  const { writer } = context;
  writer.beginResponse();
  writer.text('* THREAD');
  let separator = ' ';
  for (const piece of pieces) {
    writer.text(separator + piece);
    separator = '';
    const relieved = writer.relieve();
    if (relieved !== undefined) await relieved;
  }
  writer.text('\r\n');
  writer.endResponse();
}
