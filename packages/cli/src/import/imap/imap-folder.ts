/**
 * Reads one folder of an IMAP source: in batches, so that a folder of any size takes the same
 * memory. Small messages are fetched together; a big one goes piece by piece into a file first.
 */
import type { FetchMessageObject, ImapFlow } from 'imapflow';
import { ConnectionLostError } from '../../output/connection-lost-error.ts';
import type { SourceMessage, SourceReader } from '../import-source.ts';
import { contentOf, type MessageContent, type SpoolFolder } from '../message-content.ts';
import { settableFlags } from '../source-flags.ts';
import type { ImapLink } from './imap-link.ts';
import { OctetJournal } from './octet-journal.ts';
import { formatUidSet } from './uid-set.ts';

/** Messages whose flags and sizes are asked for at once. */
const BATCH = 500;
/** What is fetched by one command: the source has its next answers ready while we store. */
const GROUP_MESSAGES = 50;
const GROUP_BYTES = 2 * 1024 * 1024;
/** What is bigger is fetched alone, in pieces. */
const BIG_BYTES = 1024 * 1024;
const PIECE_BYTES = 512 * 1024;

/** What all folders of a source share. */
export interface FolderParts {
  readonly link: ImapLink;
  readonly spool: SpoolFolder;
  /** Where journals are; undefined: none are kept. */
  readonly journalFolder: string | undefined;
  /** Told once if a journal cannot be kept. */
  readonly onJournalFault: (error: unknown) => void;
  /** Larger ones are not fetched: the target would not take them. */
  readonly messageLimitBytes: () => number | undefined;
  /** Ids that the source itself gives its messages, wherever they lie; undefined: of no use. */
  readonly seenIds: Set<string> | undefined;
}

interface ListedMessage {
  readonly uid: number;
  readonly place: string;
  readonly flags: readonly string[];
  readonly receivedMs: number | undefined;
  readonly sizeBytes: number;
}

/** Reads a folder; see `SourceFolder.messages`. */
export async function* readImapFolder(
  path: string,
  isUnion: boolean,
  parts: FolderParts,
  reader: SourceReader,
): AsyncGenerator<SourceMessage> {
  const { link } = parts;
  try {
    const opened = await link.client.mailboxOpen(path, { readOnly: true });
    const key = { source: link.identity, folder: path, uidValidity: opened.uidValidity };
    const folder = new FolderReader(path, isUnion, parts, reader, await openJournal(key, parts));
    try {
      const uids = (await link.client.search({ all: true }, { uid: true })) || [];
      yield* folder.read(uids.toSorted((left, right) => left - right));
    } finally {
      await folder.close();
    }
  } catch (error) {
    throw link.explain(error, `folder ${path}`);
  }
}

async function openJournal(
  key: Parameters<typeof OctetJournal.open>[1],
  { journalFolder, onJournalFault }: FolderParts,
): Promise<OctetJournal | undefined> {
  if (journalFolder === undefined) return undefined;
  try {
    return await OctetJournal.open(journalFolder, key);
  } catch (error) {
    onJournalFault(error);
    return undefined;
  }
}

class FolderReader {
  readonly #path: string;
  readonly #isUnion: boolean;
  readonly #parts: FolderParts;
  readonly #reader: SourceReader;
  readonly #journal: OctetJournal | undefined;

  constructor(
    path: string,
    isUnion: boolean,
    parts: FolderParts,
    reader: SourceReader,
    journal: OctetJournal | undefined,
  ) {
    this.#path = path;
    this.#isUnion = isUnion;
    this.#parts = parts;
    this.#reader = reader;
    this.#journal = journal;
  }

  async *read(uids: readonly number[]): AsyncGenerator<SourceMessage> {
    for (let from = 0; from < uids.length; from += BATCH) {
      const batch = uids.slice(from, from + BATCH);
      const wanted = await this.#listWanted(batch);
      this.#reader.onProgress(batch.length - wanted.length);
      for (const group of groupBySize(wanted)) {
        yield* this.#fetchGroup(group);
        this.#reader.onProgress(group.length);
      }
    }
  }

  async close(): Promise<void> {
    await this.#journal?.close().catch(this.#parts.onJournalFault);
  }

  get #client(): ImapFlow {
    return this.#parts.link.client;
  }

  /** Those of a batch that are not at the target already, as far as that is known unfetched. */
  async #listWanted(uids: readonly number[]): Promise<readonly ListedMessage[]> {
    const wanted: ListedMessage[] = [];
    const query = { uid: true, flags: true, internalDate: true, size: true };
    for await (const row of this.#client.fetch(formatUidSet(uids), query, { uid: true })) {
      if (this.#isSeenElsewhere(row)) continue;
      const emailId = this.#journal?.find(row.uid);
      if (emailId !== undefined && this.#reader.takePresent(emailId)) continue;
      wanted.push({
        uid: row.uid,
        place: `${this.#path}, UID ${row.uid}`,
        flags: settableFlags(row.flags ?? []),
        receivedMs: row.internalDate instanceof Date ? row.internalDate.getTime() : undefined,
        sizeBytes: row.size ?? 0,
      });
    }
    return wanted.toSorted((left, right) => left.uid - right.uid);
  }

  /** A folder of all mail shows messages of other folders once more, under the same id. */
  #isSeenElsewhere({ emailId }: FetchMessageObject): boolean {
    const { seenIds } = this.#parts;
    if (seenIds === undefined || emailId === undefined) return false;
    if (this.#isUnion) return seenIds.has(emailId);
    seenIds.add(emailId);
    return false;
  }

  async *#fetchGroup(group: readonly ListedMessage[]): AsyncGenerator<SourceMessage> {
    const [first] = group;
    if (first === undefined) return;
    const limit = this.#parts.messageLimitBytes();
    if (limit !== undefined && first.sizeBytes > limit) {
      const content = `it has ${first.sizeBytes} octets; the site takes at most ${limit}`;
      yield { ...first, content };
    } else if (first.sizeBytes > BIG_BYTES) {
      yield* this.#fetchBig(first);
    } else {
      yield* this.#fetchTogether(group);
    }
  }

  /** A fetch that fails as a whole is repeated one by one: one bad message stops no other. */
  async *#fetchTogether(group: readonly ListedMessage[]): AsyncGenerator<SourceMessage> {
    const missing = new Map(group.map((message) => [message.uid, message]));
    try {
      const set = formatUidSet(group.map(({ uid }) => uid));
      for await (const row of this.#client.fetch(set, { uid: true, source: true }, { uid: true })) {
        const listed = missing.get(row.uid);
        if (listed === undefined || row.source === undefined) continue;
        missing.delete(row.uid);
        yield await this.#found(listed, contentOf(row.source));
      }
    } catch (error) {
      const explained = this.#parts.link.explain(error, `folder ${this.#path}`);
      if (explained instanceof ConnectionLostError || missing.size === 0) throw explained;
      if (group.length === 1) {
        for (const listed of missing.values()) yield { ...listed, content: explained.message };
        return;
      }
      for (const listed of missing.values()) yield* this.#fetchTogether([listed]);
    }
    // What is left then was expunged meanwhile: it is not there to be imported.
  }

  async *#fetchBig(listed: ListedMessage): AsyncGenerator<SourceMessage> {
    let content: MessageContent;
    try {
      content = await this.#parts.spool.spool(this.#fetchPieces(listed.uid));
    } catch (error) {
      const explained = this.#parts.link.explain(error, listed.place);
      if (explained instanceof ConnectionLostError) throw explained;
      yield { ...listed, content: explained.message };
      return;
    }
    // Nothing came: it was expunged meanwhile.
    if (content.sizeBytes === 0) await content.close();
    else yield await this.#found(listed, content);
  }

  /**
   * The size that the source tells is not to be relied on, and a short piece need not be the
   * last: only an empty one is.
   */
  async *#fetchPieces(uid: number): AsyncGenerator<Uint8Array> {
    for (let start = 0; ;) {
      const query = { uid: true, source: { start, maxLength: PIECE_BYTES } };
      const row = await this.#client.fetchOne(String(uid), query, { uid: true });
      if (row === false && start > 0) throw new Error('it went while it was being fetched');
      const piece = row === false ? undefined : row.source;
      if (piece === undefined || piece.length === 0) return;
      yield piece;
      start += piece.length;
    }
  }

  async #found(listed: ListedMessage, content: MessageContent): Promise<SourceMessage> {
    await this.#journal?.remember(listed.uid, content.emailId);
    return { place: listed.place, flags: listed.flags, receivedMs: listed.receivedMs, content };
  }
}

/** Big ones each alone. */
function* groupBySize(messages: readonly ListedMessage[]): Generator<readonly ListedMessage[]> {
  let group: ListedMessage[] = [];
  let bytes = 0;
  for (const message of messages) {
    const isBig = message.sizeBytes > BIG_BYTES;
    const isFull = group.length >= GROUP_MESSAGES || bytes + message.sizeBytes > GROUP_BYTES;
    if (group.length > 0 && (isBig || isFull)) {
      yield group;
      group = [];
      bytes = 0;
    }
    if (isBig) yield [message];
    else {
      group.push(message);
      bytes += message.sizeBytes;
    }
  }
  if (group.length > 0) yield group;
}
