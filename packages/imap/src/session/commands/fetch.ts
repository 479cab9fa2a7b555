/**
 * FETCH and UID FETCH (RFC 3501 §6.4.5, §6.4.8), also of what changed or vanished since
 * (RFC 7162 §3.1.4.1, §3.2.6), or of some of them (RFC 9394 §3.3).
 */
import { type PartialRange, sliceOfPartial } from '@homeward/search';
import type { CommandOf, FetchItem } from '../../grammar/command.ts';
import type { ModSeq, Uid } from '../../ids.ts';
import { hasRight } from '../access/rights.ts';
import { type CommandResult, bad, no, ok } from '../command-result.ts';
import { KeptItems } from '../fetch/kept-items.ts';
import { MessageReader } from '../fetch/message-reader.ts';
import {
  type MessagePlace,
  formatFromIndex,
  writeContentItems,
} from '../fetch/message-response.ts';
import { type FetchPlan, planFetch } from '../fetch/plan.ts';
import type { FolderView } from '../folder-view.ts';
import { BATCH_OCTET_BYTES, type BatchBounds, findBatchEnd } from '../message-batches.ts';
import { resolveMessages } from '../message-set.ts';
import type { MessageFacts, Outcome, Refusal } from '../ports.ts';
import { refusalText } from '../refusals.ts';
import type { SessionContext } from '../session-context.ts';
import { writeVanished } from '../vanished.ts';

/** Messages between two pauses for others: from the index alone, and with facts read. */
const INDEX_BATCH = 2_000;
const FACTS_BATCH = 100;
/** Where most is at hand; a store is asked for no more than 500 at once. */
const KEPT_BATCH = 400;
/** So many items of each message are usual; of more, fewer messages make a batch. */
const USUAL_ITEMS = 4;
/** Items of one FETCH, each of which may mean reading a message from its beginning. */
const CONTENT_ITEMS = 250;
const DECODED_ITEMS = 16;

export async function runFetch(
  context: SessionContext,
  command: CommandOf<'fetch'>,
): Promise<CommandResult> {
  const view = context.selectedView;
  const named = resolveMessages(view, command.set, command.numbering);
  if (named === undefined) return bad('There is no message of that number');
  if (command.vanished && !context.enabled.qresync) return bad('[CLIENTBUG] ENABLE QRESYNC first');
  if (asksModSeqs(command)) context.enable('CONDSTORE');
  const plan = planFetch(command, context.enabled);
  const refused = refuseItems(plan);
  if (refused !== undefined) return refused;
  const since = command.changedSince as ModSeq | undefined;
  if (since !== undefined && command.vanished) {
    await writeVanished(context.writer, view, { known: command.set, since, settledUid: 0 });
  }
  const chosen = command.partial === undefined ? named : partOf(named, command.partial);
  const positions = since === undefined ? chosen : changedSince(view, chosen, since);
  const kept = KeptItems.of(context.options.keptTexts, view.folder.index, plan);
  const bounds = boundsOf(plan, kept !== undefined);
  const tally: Tally = { foundCount: 0, hasUnknownEncoding: false };
  for (let from = 0; from < positions.length;) {
    const to = findBatchEnd(view, positions, from, bounds);
    const batch = positions.slice(from, to);
    const refusal =
      kept === undefined
        ? await fetchBatch(context, view, batch, plan, tally)
        : await fetchKept(context, view, batch, plan, kept, tally);
    if (refusal !== undefined) return no(refusalText(refusal));
    from = to;
    context.progress.note(from, positions.length);
    if (from < positions.length && !(await context.breathe())) break;
  }
  if (tally.hasUnknownEncoding) {
    return no('[UNKNOWN-CTE] A part has a transfer encoding that is not known here');
  }
  if (tally.foundCount === positions.length) return ok('FETCH completed');
  // A store that stops shows nothing; that must not be taken for messages that are gone.
  if (context.endRequest === 'mail-unavailable') return no(refusalText('unavailable'));
  // What is there was sent; what is gone will be told as EXPUNGE (RFC 2180 §4.1), but a UID
  // that names nothing is no reason to tell anything (RFC 3501 §6.4.8).
  return ok(command.numbering === 'uid' ? 'FETCH completed' : refusalText('expunged'));
}

/** Sends what a client wants of each new message, unasked (RFC 5465 §5.2). */
export async function fetchArrivals(
  context: SessionContext,
  view: FolderView,
  from: number,
  items: readonly FetchItem[],
): Promise<void> {
  const request = { items, numbering: 'sequence', changedSince: undefined } as const;
  // Nobody has read what is sent by itself.
  const plan = { ...planFetch(request, context.enabled), marksSeen: false };
  const bounds = boundsOf(plan, false);
  const tally: Tally = { foundCount: 0, hasUnknownEncoding: false };
  const positions = Array.from({ length: view.messageCount - from }, (_, at) => from + at);
  for (let at = 0; at < positions.length;) {
    const to = findBatchEnd(view, positions, at, bounds);
    await fetchBatch(context, view, positions.slice(at, to), plan, tally);
    at = to;
    if (at < positions.length && !(await context.breathe())) return;
  }
}

/** Nobody needs so many; they would keep a session at work after its client has gone. */
function refuseItems({ contentItems }: FetchPlan): CommandResult | undefined {
  const decoded = contentItems.filter(({ item }) => item === 'binary' || item === 'binary-size');
  if (contentItems.length <= CONTENT_ITEMS && decoded.length <= DECODED_ITEMS) return undefined;
  return no(`[LIMIT] One FETCH may have ${CONTENT_ITEMS} items, ${DECODED_ITEMS} of them BINARY`);
}

/** What became of the messages so far. */
interface Tally {
  /** How many were there. */
  foundCount: number;
  /** What could not be decoded was answered as NIL (RFC 3516 §4.3 wants NO at the end). */
  hasUnknownEncoding: boolean;
}

/** RFC 7162 §3.1: whoever asks for mod-sequences wants them from now on. */
function asksModSeqs({ items, changedSince: since }: CommandOf<'fetch'>): boolean {
  return since !== undefined || items.some(({ item }) => item === 'mod-seq');
}

/** RFC 9394 §3.4: chosen from all that are named, whatever else is asked of them. */
function partOf(positions: readonly number[], range: PartialRange): readonly number[] {
  const slice = sliceOfPartial(range, positions.length);
  return slice === undefined ? [] : positions.slice(slice.start, slice.end);
}

function changedSince(view: FolderView, positions: readonly number[], since: ModSeq): number[] {
  const { index } = view.folder;
  return positions.filter((position) => {
    const at = view.locate(index, position);
    return at >= 0 && index.modSeqAt(at) > since;
  });
}

function boundsOf(plan: FetchPlan, isKept: boolean): BatchBounds {
  const itemCount = plan.contentItems.length;
  if (itemCount === 0) return { messageCount: INDEX_BATCH, octetBytes: Infinity };
  const messageCount = isKept ? KEPT_BATCH : FACTS_BATCH;
  return {
    messageCount: Math.max(1, Math.floor(messageCount / Math.max(1, itemCount / USUAL_ITEMS))),
    octetBytes: plan.readsOctets ? BATCH_OCTET_BYTES : Infinity,
  };
}

/** @returns why it cannot go on, if so. */
async function fetchBatch(
  context: SessionContext,
  view: FolderView,
  positions: readonly number[],
  plan: FetchPlan,
  tally: Tally,
): Promise<Refusal | undefined> {
  if (plan.contentItems.length === 0) {
    tally.foundCount += fetchFromIndex(context, view, positions, plan);
    return undefined;
  }
  const uids = positions.map((position) => view.uidAt(position));
  // Both at once: the store reads while it waits for the disk.
  const [marked, facts] = await Promise.all([
    plan.marksSeen ? markSeen(view, positions) : noneMarked,
    view.folder.readFacts(uids, plan.factNames),
  ]);
  if (!marked.ok) return marked.reason;
  if (plan.asksFlags || marked.value.size > 0) context.reportKeywords();
  for (const fact of facts) {
    const place = findPlace(view, view.positionOf(fact.uid));
    if (place === undefined) continue;
    const sizeBytes = place.index.sizeBytesAt(place.indexPosition);
    const reader = new MessageReader(view.folder, fact, sizeBytes);
    const sent = sendMessage(context, view, place, reader, plan, marked.value.has(fact.uid));
    if (sent !== undefined) await sent;
    tally.foundCount += 1;
    tally.hasUnknownEncoding ||= reader.hasUnknownEncoding;
    const relieved = context.writer.relieve();
    if (relieved !== undefined) await relieved;
  }
  return undefined;
}

/** The same of items that are kept: only what is not there yet is read. */
async function fetchKept(
  context: SessionContext,
  view: FolderView,
  positions: readonly number[],
  plan: FetchPlan,
  kept: KeptItems,
  tally: Tally,
): Promise<undefined> {
  const { folder } = view;
  const texts = positions.map((position) => kept.find(view.uidAt(position)));
  const missing = positions.filter((_, order) => texts[order] === undefined);
  const facts = new Map<Uid, MessageFacts>();
  if (missing.length > 0) {
    const uids = missing.map((position) => view.uidAt(position));
    for (const fact of await folder.readFacts(uids, plan.factNames)) facts.set(fact.uid, fact);
  }
  if (plan.asksFlags) context.reportKeywords();
  for (const [order, position] of positions.entries()) {
    const place = findPlace(view, position);
    if (place === undefined) continue;
    const fact = facts.get(place.uid);
    const known = texts[order];
    if (known === undefined && fact === undefined) continue;
    const sent = sendKept(context, view, place, plan, known ?? { kept, fact });
    if (sent !== undefined) await sent;
    tally.foundCount += 1;
  }
  const relieved = context.writer.relieve();
  if (relieved !== undefined) await relieved;
}

/** @returns nothing if everything was at hand. */
function sendKept(
  context: SessionContext,
  view: FolderView,
  place: MessagePlace,
  plan: FetchPlan,
  from: string | { readonly kept: KeptItems; readonly fact: MessageFacts | undefined },
): Promise<void> | undefined {
  let text: string | undefined;
  if (typeof from === 'string') text = from;
  else if (from.fact !== undefined) {
    const sizeBytes = place.index.sizeBytesAt(place.indexPosition);
    const reader = new MessageReader(view.folder, from.fact, sizeBytes);
    text = from.kept.make(reader);
    if (text === undefined) return sendMessage(context, view, place, reader, plan, false);
  }
  const blank = plan.indexItems.length === 0 ? '' : ' ';
  const head = formatFromIndex(plan.indexItems, view, place, plan.isUidFetch);
  context.writer.text(`${head}${blank}${text})\r\n`);
  if (plan.asksFlags) noteTold(view, place);
  return undefined;
}

/** Answers a batch in one go. @returns how many of the messages were there. */
function fetchFromIndex(
  context: SessionContext,
  view: FolderView,
  positions: readonly number[],
  plan: FetchPlan,
): number {
  if (plan.asksFlags) context.reportKeywords();
  let foundCount = 0;
  let text = '';
  for (const position of positions) {
    const place = findPlace(view, position);
    if (place === undefined) continue;
    foundCount += 1;
    text += `${formatFromIndex(plan.indexItems, view, place, plan.isUidFetch)})\r\n`;
    if (plan.asksFlags) noteTold(view, place);
  }
  context.writer.text(text);
  return foundCount;
}

function findPlace(view: FolderView, position: number): MessagePlace | undefined {
  const { index } = view.folder;
  const indexPosition = view.locate(index, position);
  if (indexPosition < 0) return undefined;
  return { position, uid: view.uidAt(position), index, indexPosition };
}

function noteTold(view: FolderView, { index, indexPosition, uid }: MessagePlace): void {
  view.noteTold(uid, index.modSeqAt(indexPosition));
}

const noneMarked: Outcome<ReadonlySet<Uid>> = { ok: true, value: new Set<Uid>() };

/**
 * Sets \Seen where it is missing and may be set (RFC 4314 §4); a folder opened by EXAMINE stays
 * as it is.
 */
async function markSeen(
  view: FolderView,
  positions: readonly number[],
): Promise<Outcome<ReadonlySet<Uid>>> {
  const { folder } = view;
  if (folder.isReadOnly || !hasRight(folder, 's')) return noneMarked;
  const { index } = folder;
  const unseen: Uid[] = [];
  for (const position of positions) {
    const at = view.locate(index, position);
    if (at >= 0 && !index.flagsAt(at).isSeen) unseen.push(view.uidAt(position));
  }
  if (unseen.length === 0) return noneMarked;
  const outcome = await folder.changeFlags(unseen, { kind: 'add', flags: ['\\Seen'] });
  return outcome.ok ? { ok: true, value: new Set(unseen) } : outcome;
}

/** @returns nothing if everything was at hand. */
function sendMessage(
  context: SessionContext,
  view: FolderView,
  place: MessagePlace,
  reader: MessageReader,
  plan: FetchPlan,
  isNewlySeen: boolean,
): Promise<void> | undefined {
  const { writer } = context;
  const { index, indexPosition } = place;
  // A flag that changed by the fetch itself is told with it (RFC 3501 §6.4.5 BODY[…]).
  const items = isNewlySeen ? plan.seenItems : plan.indexItems;
  const tellsFlags = isNewlySeen || plan.asksFlags;
  const modSeq = index.modSeqAt(indexPosition);
  const finish = (): void => {
    writer.text(')\r\n');
    writer.endResponse();
    if (tellsFlags) view.noteTold(place.uid, modSeq);
  };
  writer.beginResponse();
  writer.text(formatFromIndex(items, view, place, plan.isUidFetch));
  const start = { item: 0, isFirst: items.length === 0 };
  const pending = writeContentItems(writer, plan.contentItems, reader, start);
  if (pending !== undefined) return finishLater(pending, reader, finish);
  finish();
  return undefined;
}

async function finishLater(
  pending: Promise<void>,
  reader: MessageReader,
  finish: () => void,
): Promise<void> {
  try {
    await pending;
  } finally {
    await reader.close();
  }
  finish();
}
