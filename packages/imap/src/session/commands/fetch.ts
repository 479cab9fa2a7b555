/** FETCH and UID FETCH (RFC 3501 §6.4.5, §6.4.8). */
import type { CommandOf, FetchItem } from '../../grammar/command.ts';
import type { Uid } from '../../ids.ts';
import { type CommandResult, bad, no, ok } from '../command-result.ts';
import { MessageReader } from '../fetch/message-reader.ts';
import { formatFromIndex, writeMessage } from '../fetch/message-response.ts';
import { type FetchPlan, planFetch } from '../fetch/plan.ts';
import type { FolderView } from '../folder-view.ts';
import { resolveMessages } from '../message-set.ts';
import type { MessageFacts, Refusal } from '../ports.ts';
import { refusalText } from '../refusals.ts';
import type { SessionContext } from '../session-context.ts';

/** Messages between two pauses for others: from the index alone, and with facts read. */
const INDEX_BATCH = 2_000;
const FACTS_BATCH = 100;

export async function runFetch(
  context: SessionContext,
  command: CommandOf<'fetch'>,
): Promise<CommandResult> {
  const view = context.selectedView;
  const positions = resolveMessages(view, command.set, command.numbering);
  if (positions === undefined) return bad('There is no message of that number');
  const plan = planFetch(command);
  const batchSize = plan.factNames.size === 0 ? INDEX_BATCH : FACTS_BATCH;
  let missing = false;
  for (let from = 0; from < positions.length; from += batchSize) {
    const batch = positions.slice(from, from + batchSize);
    const outcome = await fetchBatch(context, view, batch, plan);
    if (outcome.refusal !== undefined) return no(refusalText(outcome.refusal));
    missing ||= outcome.missing;
    if (from + batchSize < positions.length) await context.options.breathe();
  }
  // Everything that is still there was sent; what is gone will be told as EXPUNGE (RFC 2180 §4.1).
  return ok(missing ? `${refusalText('expunged')}` : 'FETCH completed');
}

interface BatchOutcome {
  readonly missing: boolean;
  readonly refusal: Refusal | undefined;
}

async function fetchBatch(
  context: SessionContext,
  view: FolderView,
  positions: readonly number[],
  plan: FetchPlan,
): Promise<BatchOutcome> {
  if (plan.factNames.size === 0) return fetchFromIndex(context, view, positions, plan);
  const uids = positions.map((position) => view.uidAt(position));
  const seen = plan.marksSeen ? await markSeen(view, uids) : noneMarked;
  if (!seen.ok) return { missing: false, refusal: seen.reason };
  const facts = await view.folder.readFacts(uids, plan.factNames);
  let found = 0;
  for (const fact of facts) {
    const isNewlySeen = seen.uids.has(fact.uid);
    if (await fetchOne(context, view, fact, plan, isNewlySeen)) found += 1;
  }
  return { missing: found < positions.length, refusal: undefined };
}

async function fetchFromIndex(
  context: SessionContext,
  view: FolderView,
  positions: readonly number[],
  plan: FetchPlan,
): Promise<BatchOutcome> {
  const { index } = view.folder;
  let missing = false;
  let text = '';
  for (const position of positions) {
    const indexPosition = index.positionOf(view.uidAt(position));
    if (indexPosition < 0) {
      missing = true;
      continue;
    }
    const place = { position, indexPosition };
    const items = plan.items.map((item) => formatFromIndex(item, view, place));
    text += `* ${position + 1} FETCH (${items.join(' ')})\r\n`;
    if (plan.asksFlags) view.noteTold(view.uidAt(position));
  }
  context.writer.text(text);
  await context.writer.relieve();
  return { missing, refusal: undefined };
}

type Marked =
  | { readonly ok: true; readonly uids: ReadonlySet<Uid> }
  | { readonly ok: false; readonly reason: Refusal };

const noneMarked: Marked = { ok: true, uids: new Set() };

/** Sets \Seen where it is missing; a folder opened by EXAMINE stays as it is. */
async function markSeen(view: FolderView, uids: readonly Uid[]): Promise<Marked> {
  const { folder } = view;
  if (folder.isReadOnly) return noneMarked;
  const { index } = folder;
  const unseen = uids.filter((uid) => {
    const position = index.positionOf(uid);
    return position >= 0 && !index.flagsAt(position).isSeen;
  });
  if (unseen.length === 0) return noneMarked;
  const outcome = await folder.changeFlags(unseen, { kind: 'add', flags: ['\\Seen'] });
  return outcome.ok ? { ok: true, uids: new Set(unseen) } : outcome;
}

const flagsItem: FetchItem = { item: 'flags' };

/** @returns false if the message is gone. */
async function fetchOne(
  context: SessionContext,
  view: FolderView,
  facts: MessageFacts,
  plan: FetchPlan,
  isNewlySeen: boolean,
): Promise<boolean> {
  const { index } = view.folder;
  const position = view.positionOf(facts.uid);
  const indexPosition = index.positionOf(facts.uid);
  if (position < 0 || indexPosition < 0) return false;
  const reader = new MessageReader(view.folder, facts, index.sizeBytesAt(indexPosition));
  // A flag that changed by the fetch itself is told with it (RFC 3501 §6.4.5 BODY[…]).
  const addsFlags = isNewlySeen && !plan.asksFlags;
  const items = addsFlags ? [...plan.items, flagsItem] : plan.items;
  if (isNewlySeen || plan.asksFlags) view.noteTold(facts.uid);
  try {
    await writeMessage(context.writer, view, { position, indexPosition }, items, reader);
  } finally {
    await reader.close();
  }
  const relieved = context.writer.relieve();
  if (relieved !== undefined) await relieved;
  return true;
}
