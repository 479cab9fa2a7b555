/**
 * The work on indexes of texts: reads messages behind the owner's back through a read-only
 * connection, in steps, and keeps a few indexes open. In production it runs in a thread
 * (`text-index-thread.ts`).
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import {
  createGramMaker,
  isIndexDamage,
  type MessageTokens,
  TextIndexFile,
  tokensOfUnreadable,
  type IndexEntry,
  type MessageSource,
  type TextQuery,
} from '@homeward/text-index';
import { Database } from '../database.ts';
import type { TextCandidates, TextIndexTarget } from './text-indexer.ts';

/** Indexes open at once; each takes five file descriptors. */
const OPEN_COUNT = 8;
/** Messages in one transaction of the index. */
const BATCH_MESSAGES = 32;
/** Messages after which other mailboxes have their turn. */
const TURN_MESSAGES = 512;
/** Messages of the index that are gone are looked for when there are so many more than alive. */
const SURPLUS = { factor: 1.25, messages: 1000 };

interface OpenIndex {
  readonly file: TextIndexFile;
  readonly mail: Database;
}

export class TextIndexTasks {
  readonly #open = new Map<string, OpenIndex>();
  readonly #maker = createGramMaker();
  /** Whose index must stay open between steps. */
  #busyPath: string | undefined;

  /** Yields between pieces of work. One at a time. @returns True if there is more to do. */
  *catchUp(target: TextIndexTarget): Generator<undefined, boolean> {
    this.#busyPath = target.databasePath;
    try {
      return yield* this.#addMissing(target);
    } catch (error) {
      if (isIndexDamage(error)) this.#removeDamaged(target);
      throw error;
    } finally {
      this.#busyPath = undefined;
    }
  }

  *#addMissing(target: TextIndexTarget): Generator<undefined, boolean> {
    const { file, mail } = this.#use(target);
    for (let done = 0; done < TURN_MESSAGES; done += BATCH_MESSAGES) {
      if (file.watermark >= target.lastMessageId) {
        yield* dropGone(file, mail);
        return false;
      }
      yield* this.#addBatch({ file, mail }, target);
    }
    return file.watermark < target.lastMessageId;
  }

  findCandidates(target: TextIndexTarget, queries: readonly TextQuery[]): TextCandidates {
    const { file } = this.#use(target);
    try {
      const messageIds = queries.map((query) => file.candidates(query));
      return { watermark: file.watermark, messageIds };
    } catch (error) {
      if (!isIndexDamage(error)) throw error;
      this.#removeDamaged(target);
      return { watermark: 0, messageIds: queries.map(() => undefined) };
    }
  }

  forget(databasePath: string): void {
    const open = this.#open.get(databasePath);
    this.#open.delete(databasePath);
    open?.file.close();
    open?.mail.close();
  }

  close(): void {
    for (const path of this.#open.keys()) this.forget(path);
  }

  *#addBatch({ file, mail }: OpenIndex, target: TextIndexTarget): Generator<undefined, void> {
    const rows = mail
      .statement(
        `SELECT id, size_bytes, file FROM message
         WHERE id > ? AND id <= ? AND ref_count <> 0 ORDER BY id LIMIT ?`,
      )
      .rows(file.watermark, target.lastMessageId, BATCH_MESSAGES);
    const entries: IndexEntry[] = [];
    for (const [id, sizeBytes, name] of rows) {
      const place = { messageId: Number(id), sizeBytes: Number(sizeBytes) };
      const path = name === null ? undefined : join(target.messagesPath, String(name));
      const tokens = yield* this.#makeTokens(mail, { ...place, path });
      entries.push({ messageId: place.messageId, tokens });
      yield;
    }
    const isLast = rows.length < BATCH_MESSAGES;
    const watermark = isLast ? target.lastMessageId : (entries.at(-1)?.messageId ?? 0);
    file.add(entries, watermark);
  }

  *#makeTokens(mail: Database, stored: StoredMessage): Generator<undefined, MessageTokens> {
    let opened: OpenedSource | undefined;
    try {
      opened = openSource(mail, stored);
      return yield* this.#maker.make(opened.source);
    } catch {
      // Gone meanwhile, or damaged: whoever reads it later decides what it says.
      return tokensOfUnreadable();
    } finally {
      opened?.close();
    }
  }

  #use(target: TextIndexTarget): OpenIndex {
    const { databasePath, textPath, mailbox, lastMessageId } = target;
    let open = this.#open.get(databasePath);
    this.#open.delete(databasePath);
    if (open === undefined) {
      this.#makeRoom();
      const file = TextIndexFile.open(textPath, mailbox, lastMessageId);
      open = { file, mail: openMail(databasePath, file) };
    }
    // To the end of the map: the most recently used.
    this.#open.set(databasePath, open);
    return open;
  }

  #makeRoom(): void {
    if (this.#open.size < OPEN_COUNT) return;
    for (const path of this.#open.keys()) {
      if (path === this.#busyPath) continue;
      this.forget(path);
      return;
    }
  }

  #removeDamaged({ databasePath, textPath }: TextIndexTarget): void {
    this.forget(databasePath);
    TextIndexFile.remove(textPath);
  }
}

function openMail(databasePath: string, file: TextIndexFile): Database {
  try {
    return new Database(databasePath, { isReadOnly: true });
  } catch (error) {
    file.close();
    throw error;
  }
}

interface StoredMessage {
  readonly messageId: number;
  readonly sizeBytes: number;
  /** Undefined: the octets are in the database. */
  readonly path: string | undefined;
}

interface OpenedSource {
  readonly source: MessageSource;
  close(): void;
}

/** @throws If the message is not there. */
function openSource(mail: Database, { messageId, sizeBytes, path }: StoredMessage): OpenedSource {
  const octetsOf = (sql: string): Uint8Array | undefined => {
    const value = mail.statement(sql).row(messageId)?.[0];
    return value instanceof Uint8Array ? value : undefined;
  };
  const shape = octetsOf('SELECT json FROM shape WHERE message_id = ?');
  if (path === undefined) {
    const octets = octetsOf('SELECT octets FROM content WHERE message_id = ?');
    if (octets === undefined) throw new Error('the message is gone');
    const read = (offset: number, count: number): Uint8Array =>
      octets.subarray(offset, offset + count);
    return { source: { sizeBytes, shape, octets, read }, close: () => undefined };
  }
  const descriptor = openSync(path, 'r');
  const read = (offset: number, count: number): Uint8Array => {
    const octets = Buffer.allocUnsafe(Math.max(0, Math.min(count, sizeBytes - offset)));
    return octets.subarray(0, readSync(descriptor, octets, 0, octets.length, offset));
  };
  return {
    source: { sizeBytes, shape, octets: undefined, read },
    close: () => closeSync(descriptor),
  };
}

/** Forgets messages that are gone, when there are many of them. */
function* dropGone(file: TextIndexFile, mail: Database): Generator<undefined, void> {
  const aliveCount = Number(mail.statement('SELECT count(*) FROM message').row()?.[0]);
  if (file.countMessages() <= aliveCount * SURPLUS.factor + SURPLUS.messages) return;
  const isAlive = mail.statement('SELECT 1 FROM message WHERE id = ?');
  for (let afterId = 0; ;) {
    const ids = file.messageIds(afterId, TURN_MESSAGES);
    const last = ids.at(-1);
    if (last === undefined) return;
    file.remove(ids.filter((id) => isAlive.row(id) === undefined));
    afterId = last;
    yield;
  }
}
