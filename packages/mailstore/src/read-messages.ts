/**
 * Reading what never changes about messages: descriptions made at arrival, and octets. Asked
 * by position in a published index, so what is not published cannot be seen here.
 */
import { join } from 'node:path';
import type { ColumnValue, Database, StoreFiles } from '@homeward/durable-store';
import type { FactName, MessageContent, MessageFacts, Uid } from './api.ts';
import { readColumns } from './bulk-columns.ts';
import { nextTurn } from './commit-queue.ts';
import type { OpenFolder } from './open-folder.ts';
import { readSaveDate } from './operations/save-dates.ts';
import type { PublishedIndex } from './published-index.ts';
import type { RestDescriptions } from './rest-descriptions.ts';

/** Octets read from the database in one turn of the event loop. */
const TURN_BYTES = 1_000_000;
/** Messages from which on a read waits for a turn of its own. */
const LONG_READ = 50;
const SUMMARY_COLUMNS = [
  ['envelope', 'envelope'],
  ['body-structure', 'body_structure'],
  ['body', 'body'],
] as const;

interface Place {
  readonly uid: Uid;
  readonly messageId: number;
  readonly sizeBytes: number;
}

type FactsDraft = { -readonly [Key in keyof MessageFacts]: MessageFacts[Key] };

/** @param isUsable False once the database may be closed; asked after every wait. */
export async function readFacts(
  database: Database,
  rest: RestDescriptions,
  { index, record }: Pick<OpenFolder, 'index' | 'record'>,
  uids: readonly Uid[],
  names: ReadonlySet<FactName>,
  isUsable: () => boolean,
): Promise<readonly MessageFacts[]> {
  const places = findPlaces(index, uids);
  if (places.length >= LONG_READ) {
    // Else a session that awaits one read after the other would never let the loop turn.
    await nextTurn();
    if (!isUsable()) return [];
  }
  const facts: MessageFacts[] = [];
  for (let from = 0; from < places.length;) {
    const to = findPartEnd(places, from, names);
    readPart(database, rest, record.id, places.slice(from, to), names, facts);
    from = to;
    if (from >= places.length) break;
    await nextTurn();
    if (!isUsable()) return [];
  }
  return facts;
}

function findPartEnd(places: readonly Place[], from: number, names: ReadonlySet<FactName>): number {
  if (!names.has('octets')) return Math.min(places.length, from + 500);
  let bytes = 0;
  for (let at = from; at < places.length; at += 1) {
    bytes += places[at]?.sizeBytes ?? 0;
    if (bytes > TURN_BYTES && at > from) return at;
  }
  return places.length;
}

function readPart(
  database: Database,
  rest: RestDescriptions,
  folderId: number,
  places: readonly Place[],
  names: ReadonlySet<FactName>,
  into: MessageFacts[],
): void {
  const ids = places.map(({ messageId }) => messageId);
  const columns = SUMMARY_COLUMNS.filter(([name]) => names.has(name));
  const summary =
    columns.length === 0
      ? undefined
      : readColumns(
          database,
          { table: 'summary', id: 'message_id', columns: columns.map(([, column]) => column) },
          ids,
        );
  const at = (name: FactName): number => columns.findIndex(([known]) => known === name);
  const [envelopeAt, structureAt, bodyAt] = [at('envelope'), at('body-structure'), at('body')];
  const one = (name: FactName, table: string, column: string, id = 'message_id') =>
    names.has(name) ? readColumns(database, { table, id, columns: [column] }, ids)[0] : undefined;
  const header = one('header', 'header', 'octets');
  const shape = one('shape', 'shape', 'json');
  // Joining large rows costs more than it saves.
  const octets = names.has('octets')
    ? database.statement('SELECT octets FROM content WHERE message_id = ?')
    : undefined;
  const digest = one('email-id', 'message', 'digest', 'id');
  const preview = one('preview', 'preview', 'octets');
  const sortFacts = one('sort-facts', 'sort_fact', 'octets');
  const hasSaveDate = names.has('save-date');
  for (const { uid, messageId } of places) {
    if (summary !== undefined && summary[0]?.has(messageId) !== true) continue;
    const put = rest.find(messageId);
    const facts: FactsDraft = {
      uid,
      envelope: summary?.[envelopeAt]?.get(messageId),
      body: summary?.[bodyAt]?.get(messageId),
      bodyStructure: summary?.[structureAt]?.get(messageId),
      header: header && (header.get(messageId) ?? put?.header),
      shape: shape?.get(messageId),
      octets: octetsOf(octets?.row(messageId)?.[0]),
      emailId: digest === undefined ? undefined : emailIdOf(digest.get(messageId)),
      saveDateMs: hasSaveDate ? readSaveDate(database, folderId, uid) : undefined,
      preview: preview && (preview.get(messageId) ?? put?.preview),
      sortFacts: sortFacts && (sortFacts.get(messageId) ?? put?.sortFacts),
    };
    into.push(facts);
  }
}

/** Taken together before the first wait, since positions belong to the present index. */
function findPlaces(index: PublishedIndex, uids: readonly Uid[]): Place[] {
  const places: Place[] = [];
  for (const uid of uids) {
    const position = index.positionOf(uid);
    if (position === -1) continue;
    const sizeBytes = index.sizeBytesAt(position);
    places.push({ uid, messageId: index.messageIdAt(position), sizeBytes });
  }
  return places;
}

function octetsOf(value: ColumnValue | undefined): Uint8Array | undefined {
  return value instanceof Uint8Array ? value : undefined;
}

/** Octets of the digest that make an email id: 160 bits, short enough for any response. */
const EMAIL_ID_BYTES = 20;

function emailIdOf(digest: Uint8Array | undefined): string | undefined {
  if (digest === undefined) return undefined;
  return `M${Buffer.from(digest.buffer, digest.byteOffset, EMAIL_ID_BYTES).toString('base64url')}`;
}

/** @returns undefined if the message is gone. */
export async function openMessage(
  database: Database,
  files: StoreFiles,
  messagesPath: string,
  messageId: number,
): Promise<MessageContent | undefined> {
  const row = database
    .statement('SELECT size_bytes, file FROM message WHERE id = ?')
    .row(messageId);
  if (row === undefined) return undefined;
  const sizeBytes = Number(row[0]);
  if (row[1] === null) {
    const content = database.statement('SELECT octets FROM content WHERE message_id = ?');
    const octets = octetsOf(content.row(messageId)?.[0]);
    return octets === undefined ? undefined : contentOfOctets(octets);
  }
  const file = await files.openFile(join(messagesPath, String(row[1])));
  if (file === undefined) return undefined;
  return {
    sizeBytes,
    read: (offset, count) => file.read(offset, Math.max(0, Math.min(count, sizeBytes - offset))),
    close: () => file.close(),
  };
}

function contentOfOctets(octets: Uint8Array): MessageContent {
  return {
    sizeBytes: octets.length,
    read: (offset, count) => Promise.resolve(octets.subarray(offset, offset + count)),
    close: () => Promise.resolve(),
  };
}
