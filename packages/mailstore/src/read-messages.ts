/**
 * Reading what never changes about messages: descriptions made at arrival, and octets. Asked
 * by position in a published index, so what is not published cannot be seen here.
 */
import { join } from 'node:path';
import type { FactName, MessageContent, MessageFacts, Uid } from './api.ts';
import { nextTurn } from './commit-queue.ts';
import type { ColumnValue, Database } from './database.ts';
import type { OpenFolder } from './open-folder.ts';
import { readSaveDate } from './operations/save-dates.ts';
import type { PublishedIndex } from './published-index.ts';
import type { StoreFiles } from './store-files.ts';

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
  const read = createFactReader(database, record.id, names);
  const facts: MessageFacts[] = [];
  let turnBytes = 0;
  for (const place of places) {
    const fact = read(place);
    if (fact !== undefined) facts.push(fact);
    if (!names.has('octets')) continue;
    turnBytes += place.sizeBytes;
    if (turnBytes < TURN_BYTES) continue;
    turnBytes = 0;
    await nextTurn();
    if (!isUsable()) return [];
  }
  return facts;
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

/** @returns A reader that gives undefined for a message that is gone. */
function createFactReader(
  database: Database,
  folderId: number,
  names: ReadonlySet<FactName>,
): (place: Place) => MessageFacts | undefined {
  const columns = SUMMARY_COLUMNS.filter(([name]) => names.has(name));
  const columnList = columns.map(([, column]) => column).join(', ');
  const statement = (sql: string, isWanted: boolean) =>
    isWanted ? database.statement(sql) : undefined;
  const summary = statement(
    `SELECT ${columnList} FROM summary WHERE message_id = ?`,
    columns.length > 0,
  );
  const header = statement('SELECT octets FROM header WHERE message_id = ?', names.has('header'));
  const shape = statement('SELECT json FROM shape WHERE message_id = ?', names.has('shape'));
  const octets = statement('SELECT octets FROM content WHERE message_id = ?', names.has('octets'));
  const digest = statement('SELECT digest FROM message WHERE id = ?', names.has('email-id'));
  const preview = statement(
    'SELECT octets FROM preview WHERE message_id = ?',
    names.has('preview'),
  );
  const sortFacts = statement(
    'SELECT octets FROM sort_fact WHERE message_id = ?',
    names.has('sort-facts'),
  );
  const hasSaveDate = names.has('save-date');
  const at = (name: FactName): number => columns.findIndex(([known]) => known === name);
  const [envelopeAt, structureAt, bodyAt] = [at('envelope'), at('body-structure'), at('body')];
  return ({ uid, messageId }) => {
    const row = summary?.row(messageId);
    if (summary !== undefined && row === undefined) return undefined;
    const facts: FactsDraft = {
      uid,
      envelope: octetsOf(row?.[envelopeAt]),
      body: octetsOf(row?.[bodyAt]),
      bodyStructure: octetsOf(row?.[structureAt]),
      header: octetsOf(header?.row(messageId)?.[0]),
      shape: octetsOf(shape?.row(messageId)?.[0]),
      octets: octetsOf(octets?.row(messageId)?.[0]),
      emailId: digest === undefined ? undefined : emailIdOf(digest.row(messageId)?.[0]),
      saveDateMs: hasSaveDate ? readSaveDate(database, folderId, uid) : undefined,
      preview: octetsOf(preview?.row(messageId)?.[0]),
      sortFacts: octetsOf(sortFacts?.row(messageId)?.[0]),
    };
    return facts;
  };
}

function octetsOf(value: ColumnValue | undefined): Uint8Array | undefined {
  return value instanceof Uint8Array ? value : undefined;
}

/** Octets of the digest that make an email id: 160 bits, short enough for any response. */
const EMAIL_ID_BYTES = 20;

function emailIdOf(digest: ColumnValue | undefined): string | undefined {
  if (!(digest instanceof Uint8Array)) return undefined;
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
