/**
 * One message's `* n FETCH (…)`: every item of RFC 3501 §7.4.2, RFC 3516 §4.3,
 * RFC 7162 §3.1.4, RFC 8474 §5, RFC 8514 §4.2 and RFC 8970 §3.2.
 */
import { formatInternalDate } from '../../grammar/responses/dates.ts';
import type { BodySection } from '../../grammar/command.ts';
import type { Uid } from '../../ids.ts';
import { formatFlagsItem } from '../flag-text.ts';
import type { FolderView } from '../folder-view.ts';
import type { FolderIndex } from '../ports.ts';
import type { ResponseWriter } from '../response-writer.ts';
import { writeBinaryItem } from './binary.ts';
import { writePreview } from './preview.ts';
import type { MessageReader } from './message-reader.ts';
import { threadIdOfMessage } from './message-sort-facts.ts';
import type { ContentItem, IndexItem } from './plan.ts';
import { type Partial, type SectionOctets, cutPartial, resolveSection } from './section.ts';

/** Where the message is at this moment: good until the next wait. */
export interface MessagePlace {
  /** In the session's view, from 0. */
  readonly position: number;
  readonly uid: Uid;
  readonly index: FolderIndex;
  /** In `index`. */
  readonly indexPosition: number;
}

/** The response up to and with all items that the index answers, without its end. */
export function formatFromIndex(
  items: readonly IndexItem[],
  view: FolderView,
  place: MessagePlace,
  isUidFetch: boolean,
): string {
  let text = isUidFetch ? `* ${place.uid} UIDFETCH (` : `* ${place.position + 1} FETCH (`;
  for (let at = 0; at < items.length; at += 1) {
    if (at > 0) text += ' ';
    text += formatIndexItem(items[at], view, place);
  }
  return text;
}

function formatIndexItem(
  item: IndexItem | undefined,
  view: FolderView,
  { index, indexPosition, uid }: MessagePlace,
): string {
  switch (item) {
    case 'flags':
      return formatFlagsItem(index.flagsAt(indexPosition), view.isRecent(uid));
    case 'uid':
      return `UID ${uid}`;
    case 'internal-date':
      return `INTERNALDATE ${formatInternalDate(index.internalDateAt(indexPosition))}`;
    case 'rfc822-size':
      return `RFC822.SIZE ${index.sizeBytesAt(indexPosition)}`;
    case 'mod-seq':
    case undefined:
      return `MODSEQ (${index.modSeqAt(indexPosition)})`;
  }
}

/**
 * Writes the items that the index cannot answer, from one on, each but the first of the response
 * behind a blank.
 *
 * @returns nothing if that took no waiting: awaiting each message would cost a turn for each.
 */
export function writeContentItems(
  writer: ResponseWriter,
  items: readonly ContentItem[],
  reader: MessageReader,
  from: { readonly item: number; readonly isFirst: boolean },
): Promise<void> | undefined {
  let { isFirst } = from;
  for (let at = from.item; at < items.length; at += 1) {
    const item = items[at];
    if (item === undefined) break;
    if (!isFirst) writer.text(' ');
    isFirst = false;
    const pending = writeContentItem(writer, item, reader);
    if (pending !== undefined) {
      return pending.then(() =>
        writeContentItems(writer, items, reader, { item: at + 1, isFirst }),
      );
    }
  }
  return undefined;
}

function writeContentItem(
  writer: ResponseWriter,
  item: ContentItem,
  reader: MessageReader,
): Promise<void> | undefined {
  const { facts } = reader;
  switch (item.item) {
    case 'envelope':
      return writeReady(writer, 'ENVELOPE ', facts.envelope);
    case 'body':
      return writeReady(writer, 'BODY ', facts.body);
    case 'body-structure':
      return writeReady(writer, 'BODYSTRUCTURE ', facts.bodyStructure);
    case 'binary':
    case 'binary-size':
      return writeBinaryItem(writer, item, reader);
    case 'email-id':
      writer.text(`EMAILID ${facts.emailId === undefined ? 'NIL' : `(${facts.emailId})`}`);
      return undefined;
    case 'thread-id':
      return writeThreadId(writer, reader);
    case 'save-date':
      writer.text(`SAVEDATE ${formatSaveDate(facts.saveDateMs)}`);
      return undefined;
    case 'preview':
      return writePreview(writer, reader, item.isLazy);
    case 'rfc822':
      return writeSection(writer, 'RFC822', reader, wholeMessage, undefined);
    case 'rfc822-header':
      return writeSection(writer, 'RFC822.HEADER', reader, messageHeader, undefined);
    case 'rfc822-text':
      return writeSection(writer, 'RFC822.TEXT', reader, messageText, undefined);
    case 'body-section': {
      const origin = item.partial === undefined ? '' : `<${item.partial.start}>`;
      return writeSection(
        writer,
        `BODY[${item.label}]${origin}`,
        reader,
        item.section,
        item.partial,
      );
    }
  }
}

function writeThreadId(writer: ResponseWriter, reader: MessageReader): Promise<void> | undefined {
  const write = (id: string | undefined): void =>
    writer.text(`THREADID ${id === undefined ? 'NIL' : `(${id})`}`);
  const id = threadIdOfMessage(reader);
  if (id instanceof Promise) return id.then(write);
  write(id);
  return undefined;
}

/** In UTC: nobody but the store was there (RFC 8514 §4.2). */
function formatSaveDate(epochMs: number | undefined): string {
  return epochMs === undefined ? 'NIL' : formatInternalDate({ epochMs, zoneMinutes: 0 });
}

const wholeMessage: BodySection = { part: [], text: { kind: 'all' } };
const messageHeader: BodySection = { part: [], text: { kind: 'header' } };
const messageText: BodySection = { part: [], text: { kind: 'text' } };

function writeReady(
  writer: ResponseWriter,
  name: string,
  octets: Uint8Array | undefined,
): undefined {
  writer.text(name);
  if (octets === undefined) writer.text('NIL');
  else writer.octets(octets);
}

function writeSection(
  writer: ResponseWriter,
  name: string,
  reader: MessageReader,
  section: BodySection,
  partial: Partial | undefined,
): Promise<void> | undefined {
  const found = resolveSection(reader, section);
  writer.text(`${name} `);
  if (!(found instanceof Promise)) return writeOctets(writer, reader, cutPartial(found, partial));
  return found.then((later) => writeOctets(writer, reader, cutPartial(later, partial)));
}

function writeOctets(
  writer: ResponseWriter,
  reader: MessageReader,
  found: SectionOctets,
): Promise<void> | undefined {
  if (found.kind === 'absent') {
    writer.text('NIL');
    return undefined;
  }
  const octets = found.kind === 'octets' ? found.octets : reader.peek(found.range);
  if (octets === undefined) return streamOctets(writer, reader, found);
  writer.startLiteral(octets.length);
  writer.octets(octets);
  // A client may ask for the same octets many times over.
  return writer.relieve();
}

async function streamOctets(
  writer: ResponseWriter,
  reader: MessageReader,
  found: SectionOctets,
): Promise<void> {
  if (found.kind !== 'range' || !(await reader.open())) {
    // Expunged between the facts and now; the message itself is gone from the folder.
    writer.text('NIL');
    return;
  }
  writer.startLiteral(found.range.end - found.range.start);
  for await (const piece of reader.read(found.range)) {
    writer.octets(piece);
    const relieved = writer.relieve();
    if (relieved !== undefined) await relieved;
  }
}
