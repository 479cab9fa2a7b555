/** One message's `* n FETCH (…)`: every item of RFC 3501 §7.4.2 and of RFC 8474 §5. */
import type { FetchItem } from '../../grammar/command.ts';
import { formatInternalDate } from '../../grammar/responses/dates.ts';
import { formatFlagsItem } from '../flag-text.ts';
import type { FolderView } from '../folder-view.ts';
import type { ResponseWriter } from '../response-writer.ts';
import type { MessageReader } from './message-reader.ts';
import { type SectionOctets, cutPartial, resolveSection } from './section.ts';

/** Where the message is at this moment. */
export interface MessagePlace {
  /** In the session's view, from 0. */
  readonly position: number;
  /** In the folder's index. */
  readonly indexPosition: number;
}

/** Writes one FETCH response. */
export async function writeMessage(
  writer: ResponseWriter,
  view: FolderView,
  place: MessagePlace,
  items: readonly FetchItem[],
  reader: MessageReader,
): Promise<void> {
  // The index is asked now: `place` holds only until the first wait.
  const ready = items.map((item) =>
    isFromIndex(item) ? formatFromIndex(item, view, place) : undefined,
  );
  writer.text(`* ${place.position + 1} FETCH (`);
  for (const [at, item] of items.entries()) {
    const text = ready[at];
    if (at > 0) writer.text(' ');
    if (text !== undefined) {
      writer.text(text);
    } else {
      // Not every item waits, and awaiting those that do not would cost a turn for each.
      const pending = writeFromFacts(writer, item, reader);
      if (pending !== undefined) await pending;
    }
  }
  writer.text(')\r\n');
}

function isFromIndex({ item }: FetchItem): boolean {
  return (
    item === 'flags' ||
    item === 'uid' ||
    item === 'internal-date' ||
    item === 'rfc822-size' ||
    item === 'thread-id'
  );
}

/** Items that the folder's index answers. */
export function formatFromIndex(item: FetchItem, view: FolderView, place: MessagePlace): string {
  const { index } = view.folder;
  const at = place.indexPosition;
  switch (item.item) {
    case 'flags':
      return formatFlagsItem(index.flagsAt(at), view.isRecent(view.uidAt(place.position)));
    case 'uid':
      return `UID ${view.uidAt(place.position)}`;
    case 'internal-date':
      return `INTERNALDATE ${formatInternalDate(index.internalDateAt(at))}`;
    case 'rfc822-size':
      return `RFC822.SIZE ${index.sizeBytesAt(at)}`;
    case 'thread-id':
      // RFC 8474 §5.2: NIL while the server does no threading.
      return 'THREADID NIL';
    default:
      throw new Error(`${item.item} does not come from the index`);
  }
}

function writeFromFacts(
  writer: ResponseWriter,
  item: FetchItem,
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
    case 'email-id':
      writer.text(`EMAILID ${facts.emailId === undefined ? 'NIL' : `(${facts.emailId})`}`);
      return undefined;
    case 'rfc822':
      return writeSection(writer, 'RFC822', reader, { kind: 'all' }, undefined);
    case 'rfc822-header':
      return writeSection(writer, 'RFC822.HEADER', reader, { kind: 'header' }, undefined);
    case 'rfc822-text':
      return writeSection(writer, 'RFC822.TEXT', reader, { kind: 'text' }, undefined);
    case 'body-section': {
      const origin = item.partial === undefined ? '' : `<${item.partial.start}>`;
      return writeBodySection(writer, `BODY[${item.label}]${origin}`, reader, item);
    }
    default:
      throw new Error(`${item.item} does not come from facts`);
  }
}

function writeReady(
  writer: ResponseWriter,
  name: string,
  octets: Uint8Array | undefined,
): undefined {
  writer.text(name);
  if (octets === undefined) writer.text('NIL');
  else writer.octets(octets);
}

type SectionItem = Extract<FetchItem, { readonly item: 'body-section' }>;

function writeSection(
  writer: ResponseWriter,
  name: string,
  reader: MessageReader,
  text: SectionItem['section']['text'],
  partial: SectionItem['partial'],
): Promise<void> {
  return writeBodySection(writer, name, reader, { section: { part: [], text }, partial });
}

async function writeBodySection(
  writer: ResponseWriter,
  name: string,
  reader: MessageReader,
  item: Pick<SectionItem, 'section' | 'partial'>,
): Promise<void> {
  const found = cutPartial(await resolveSection(reader, item.section), item.partial);
  writer.text(`${name} `);
  await writeOctets(writer, reader, found);
}

async function writeOctets(
  writer: ResponseWriter,
  reader: MessageReader,
  found: SectionOctets,
): Promise<void> {
  if (found.kind === 'absent') {
    writer.text('NIL');
    return;
  }
  const octets = found.kind === 'octets' ? found.octets : reader.peek(found.range);
  if (octets !== undefined) {
    writer.startLiteral(octets.length);
    writer.literalOctets(octets);
    return;
  }
  if (found.kind !== 'range') return;
  if (!(await reader.open())) {
    // Expunged between the facts and now; the message itself is gone from the folder.
    writer.text('NIL');
    return;
  }
  writer.startLiteral(found.range.end - found.range.start);
  for await (const piece of reader.read(found.range)) {
    writer.literalOctets(piece);
    const relieved = writer.relieve();
    if (relieved !== undefined) await relieved;
  }
}
