/**
 * How SEARCH and SORT tell what they found: as plain numbers, or by the result options of an
 * ESEARCH response (RFC 4731 §3, RFC 5267 §3, RFC 9394 §3.1), and what they keep for "$"
 * (RFC 5182 §2).
 */
import { type ResultSlice, formatResults, selectNamedResults } from '@homeward/search';
import type { Numbering, SearchReturns } from '../../grammar/command.ts';
import type { FolderView } from '../folder-view.ts';
import type { SessionContext } from '../session-context.ts';
import type { MessageSearch } from './message-search.ts';

/** Numbers of a plain answer between two pauses for others. */
const PLAIN_BATCH = 2_000;

/** What was found, and how it was asked for. */
export interface SearchAnswer {
  readonly word: 'SEARCH' | 'SORT';
  readonly numbering: Numbering;
  readonly view: FolderView;
  readonly search: MessageSearch;
  /** In the order in which they are told. */
  readonly positions: readonly number[];
}

/** Tells the results. @param returns Undefined for the plain answer. */
export async function tellResults(
  context: SessionContext,
  answer: SearchAnswer,
  returns: SearchReturns | undefined,
): Promise<void> {
  if (returns === undefined) return await tellPlain(context, answer);
  if (returns.save) saveResults(answer, returns);
  if (!isSaveAlone(returns)) await tellExtended(context, answer, returns);
}

async function tellPlain(context: SessionContext, answer: SearchAnswer): Promise<void> {
  const { writer } = context;
  const numbers = numbersOf(answer);
  writer.beginResponse();
  writer.text(`* ${answer.word}`);
  for (let from = 0; from < numbers.length; from += PLAIN_BATCH) {
    writer.text(` ${numbers.slice(from, from + PLAIN_BATCH).join(' ')}`);
    const relieved = writer.relieve();
    if (relieved !== undefined) await relieved;
  }
  const modSeq = answer.search.findHighestModSeq(answer.positions);
  if (modSeq !== undefined) writer.text(` (MODSEQ ${modSeq})`);
  writer.text('\r\n');
  writer.endResponse();
}

async function tellExtended(
  context: SessionContext,
  answer: SearchAnswer,
  returns: SearchReturns,
): Promise<void> {
  const { writer } = context;
  writer.beginResponse();
  writer.text(`* ESEARCH (TAG "${context.tag}")${answer.numbering === 'uid' ? ' UID' : ''}`);
  for (const piece of formatResults(numbersOf(answer), returns)) {
    writer.text(piece);
    const relieved = writer.relieve();
    if (relieved !== undefined) await relieved;
  }
  const named = positionsIn(answer, selectNamedResults(returns, answer.positions.length));
  const modSeq = answer.search.findHighestModSeq(named);
  if (modSeq !== undefined) writer.text(` MODSEQ ${modSeq}`);
  writer.text('\r\n');
  writer.endResponse();
}

/** Keeps results for "$" (RFC 5182 §2.1, §2.4; RFC 9394 §3.2). */
export function saveResults(
  answer: Pick<SearchAnswer, 'view' | 'positions'>,
  returns: SearchReturns,
): void {
  const slices = selectNamedResults(returns, answer.positions.length);
  const uids = positionsIn(answer, slices).map((position) => answer.view.uidAt(position));
  answer.view.savedUids = Uint32Array.from(uids).sort();
}

function positionsIn(
  answer: Pick<SearchAnswer, 'positions'>,
  slices: readonly ResultSlice[],
): readonly number[] {
  return slices.flatMap(({ start, end }) => answer.positions.slice(start, end));
}

function numbersOf({ numbering, view, positions }: SearchAnswer): readonly number[] {
  return numbering === 'uid'
    ? positions.map((position) => view.uidAt(position))
    : positions.map((position) => position + 1);
}

/** Then nothing is told (RFC 5182 §2.1). */
export function isSaveAlone({ min, max, count, all, partial }: SearchReturns): boolean {
  return !min && !max && !count && !all && partial === undefined;
}
