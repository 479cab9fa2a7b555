/** SEARCH and UID SEARCH (RFC 3501 §6.4.4, §6.4.8). */
import type { CommandOf } from '../../grammar/command.ts';
import { type CommandResult, ok } from '../command-result.ts';
import { MessageReader } from '../fetch/message-reader.ts';
import type { FolderView } from '../folder-view.ts';
import {
  type Candidate,
  type Predicate,
  type TextKey,
  collectTextKeys,
  compileCriteria,
} from '../search/predicate.ts';
import { type TextMatcher, createTextMatcher } from '../search/text-match.ts';
import type { SessionContext } from '../session-context.ts';

/** Messages between two pauses for others. */
const INDEX_BATCH = 5_000;
const TEXT_BATCH = 50;

export async function runSearch(
  context: SessionContext,
  command: CommandOf<'search'>,
): Promise<CommandResult> {
  const view = context.selectedView;
  const matcher = createTextMatcher(collectTextKeys(command.criteria), command.charset);
  const predicate = compileCriteria(command.criteria, view);
  const hits = await findHits(context, view, predicate, matcher);
  const numbers =
    command.numbering === 'uid'
      ? hits.map((position) => view.uidAt(position))
      : hits.map((position) => position + 1);
  context.writer.untagged(numbers.length === 0 ? 'SEARCH' : `SEARCH ${numbers.join(' ')}`);
  return ok('SEARCH completed');
}

/** @returns positions in the view, ascending. */
async function findHits(
  context: SessionContext,
  view: FolderView,
  predicate: Predicate,
  matcher: TextMatcher,
): Promise<readonly number[]> {
  const hits: number[] = [];
  const open: number[] = [];
  const { messageCount } = view;
  for (let position = 0; position < messageCount; position += 1) {
    const candidate = candidateAt(view, position, undefined);
    const verdict = candidate && predicate(candidate);
    if (verdict === true) hits.push(position);
    else if (candidate !== undefined && verdict === undefined) open.push(position);
    if (position % INDEX_BATCH === INDEX_BATCH - 1) await context.options.breathe();
  }
  if (open.length === 0) return hits;
  for (let from = 0; from < open.length; from += TEXT_BATCH) {
    const batch = open.slice(from, from + TEXT_BATCH);
    hits.push(...(await searchTexts(view, batch, predicate, matcher)));
    await context.options.breathe();
  }
  return hits.toSorted((left, right) => left - right);
}

/** @returns undefined if the message was expunged by somebody else. */
function candidateAt(
  view: FolderView,
  position: number,
  texts: ReadonlyMap<TextKey, boolean> | undefined,
): Candidate | undefined {
  const uid = view.uidAt(position);
  const { index } = view.folder;
  const indexPosition = index.positionOf(uid);
  if (indexPosition < 0) return undefined;
  return { position, uid, index, indexPosition, flags: index.flagsAt(indexPosition), texts };
}

/** Looks into the messages at `positions`. */
async function searchTexts(
  view: FolderView,
  positions: readonly number[],
  predicate: Predicate,
  matcher: TextMatcher,
): Promise<number[]> {
  const uids = positions.map((position) => view.uidAt(position));
  const facts = await view.folder.readFacts(uids, matcher.factNames);
  const hits: number[] = [];
  for (const fact of facts) {
    const position = view.positionOf(fact.uid);
    const sizeBytes = sizeOf(view, fact.uid);
    if (sizeBytes === undefined) continue;
    const reader = new MessageReader(view.folder, fact, sizeBytes);
    try {
      const texts = await matcher.match(reader);
      const candidate = candidateAt(view, position, texts);
      if (candidate !== undefined && predicate(candidate) === true) hits.push(position);
    } finally {
      await reader.close();
    }
  }
  return hits;
}

function sizeOf(view: FolderView, uid: Candidate['uid']): number | undefined {
  const position = view.folder.index.positionOf(uid);
  return position < 0 ? undefined : view.folder.index.sizeBytesAt(position);
}
