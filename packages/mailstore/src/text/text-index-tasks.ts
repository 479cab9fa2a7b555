/**
 * The work on indexes of texts: reads messages behind the owner's back through a read-only
 * connection, in steps, and keeps a few indexes open. In production it runs in a thread
 * (`text-index-thread.ts`).
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import {
  createGramMaker,
  type GramMaker,
  isIndexDamage,
  type MessageIds,
  type MessageTokens,
  TextIndexFile,
  tokensOfUnreadable,
  type IndexEntry,
  type MessageSource,
  type TextQuery,
} from '@homeward/text-index';
import {
  classifyDatabaseError,
  type Database,
  errorCode,
  openDatabase,
} from '@homeward/durable-store';
import type { TextCandidates, TextIndexTarget } from './text-indexer.ts';

/** Indexes open at once; each takes five file descriptors. */
const OPEN_COUNT = 8;
/** Messages in one transaction of the index. */
const BATCH_MESSAGES = 32;
/** Messages after which others have their turn: about 30 ms. */
const TURN_MESSAGES = 64;
/** Messages of the index that are gone are looked for when there are so many more than alive. */
const SURPLUS = { factor: 1.25, messages: 500 };
/** How much the watermark moves until they are counted again. */
const COUNT_EVERY = 1000;
/** Messages compared with the mailbox in one step. */
const SWEEP_MESSAGES = 20;
/** Faults that pass: a message may well be read another time. */
const PASSING_FAULTS: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE', 'ENOMEM']);

interface OpenIndex {
  readonly file: TextIndexFile;
  readonly mail: Database;
  /** The watermark when those gone were last counted. */
  countedAt: number | undefined;
}

/** What became of a part of the work. */
export interface CaughtUp {
  readonly isMoreLeft: boolean;
  /** Messages that are there and could not be made sense of. */
  readonly unreadableCount: number;
}

export class TextIndexTasks {
  readonly #open = new Map<string, OpenIndex>();
  #maker: GramMaker | undefined;
  /** Whose index must stay open between steps. */
  #busyPath: string | undefined;

  /** Yields between pieces of work. One at a time. */
  *catchUp(target: TextIndexTarget): Generator<undefined, CaughtUp> {
    this.#busyPath = target.databasePath;
    try {
      return yield* this.#addMissing(target);
    } finally {
      this.#busyPath = undefined;
    }
  }

  *#addMissing(target: TextIndexTarget): Generator<undefined, CaughtUp> {
    const open = this.#use(target);
    let unreadableCount = 0;
    for (let done = 0; done < TURN_MESSAGES; done += BATCH_MESSAGES) {
      if (open.file.watermark >= target.lastMessageId) break;
      unreadableCount += yield* this.#addBatch(open, target);
    }
    const isMoreLeft = open.file.watermark < target.lastMessageId;
    if (!isMoreLeft) yield* this.#dropGone(open, target);
    return { isMoreLeft, unreadableCount };
  }

  findCandidates(target: TextIndexTarget, query: TextQuery): TextCandidates {
    const { file } = this.#use(target);
    // Not while it is being added to: then that will meet the damage, too.
    const isBusy = this.#busyPath === target.databasePath;
    const find = (): MessageIds | undefined => file.candidates(query);
    const messageIds = isBusy ? find() : this.#useIndex(target, find);
    return { watermark: file.watermark, messageIds };
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

  /** @returns How many could not be made sense of. */
  *#addBatch({ file, mail }: OpenIndex, target: TextIndexTarget): Generator<undefined, number> {
    const rows = mail
      .statement(
        `SELECT id, size_bytes, file FROM message
         WHERE id > ? AND id <= ? AND ref_count <> 0 ORDER BY id LIMIT ?`,
      )
      .rows(file.watermark, target.lastMessageId, BATCH_MESSAGES);
    const entries: IndexEntry[] = [];
    let unreadableCount = 0;
    for (const [id, sizeBytes, name] of rows) {
      const place = { messageId: Number(id), sizeBytes: Number(sizeBytes) };
      const path = name === null ? undefined : join(target.messagesPath, String(name));
      const tokens = yield* this.#makeTokens(mail, { ...place, path });
      if (tokens === undefined) unreadableCount += 1;
      entries.push({ messageId: place.messageId, tokens: tokens ?? tokensOfUnreadable() });
      yield;
    }
    const isLast = rows.length < BATCH_MESSAGES;
    const watermark = isLast ? target.lastMessageId : (entries.at(-1)?.messageId ?? 0);
    this.#useIndex(target, () => file.add(entries, watermark));
    return unreadableCount;
  }

  /** @returns undefined if no sense can be made of it: whoever reads it later decides. */
  *#makeTokens(
    mail: Database,
    stored: StoredMessage,
  ): Generator<undefined, MessageTokens | undefined> {
    this.#maker ??= createGramMaker();
    let opened: OpenedSource | undefined;
    try {
      opened = openSource(mail, stored);
      if (opened === undefined) return tokensOfUnreadable();
      return yield* this.#maker.make(opened.source);
    } catch (error) {
      const code = errorCode(error);
      if (PASSING_FAULTS.has(code) || classifyDatabaseError(error) !== undefined) throw error;
      return undefined;
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
      open = { file, mail: openMail(databasePath, file), countedAt: undefined };
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

  /** Forgets messages that are gone, when there are many of them: nobody finds them anyway. */
  *#dropGone(open: OpenIndex, target: TextIndexTarget): Generator<undefined, void> {
    const { file, mail, countedAt } = open;
    if (countedAt !== undefined && file.watermark - countedAt < COUNT_EVERY) return;
    open.countedAt = file.watermark;
    const aliveCount = Number(
      mail.statement('SELECT count(*) FROM message WHERE ref_count <> 0').row()?.[0],
    );
    const count = this.#useIndex(target, () => file.countMessages());
    if (count <= aliveCount * SURPLUS.factor + SURPLUS.messages) return;
    const isAlive = mail.statement('SELECT 1 FROM message WHERE id = ? AND ref_count <> 0');
    for (let afterId = 0; ;) {
      const ids = this.#useIndex(target, () => file.messageIds(afterId, SWEEP_MESSAGES));
      const last = ids.at(-1);
      if (last === undefined) return;
      const gone = ids.filter((id) => isAlive.row(id) === undefined);
      this.#useIndex(target, () => file.remove(gone));
      afterId = last;
      yield;
    }
  }

  /**
   * An index that turns out to be damaged is removed, and made anew the next time. Nothing else
   * may throw here: damage of the mailbox's own database is none of the index.
   */
  #useIndex<Value>(target: TextIndexTarget, use: () => Value): Value {
    try {
      return use();
    } catch (error) {
      if (isIndexDamage(error)) this.#removeDamaged(target);
      throw error;
    }
  }

  #removeDamaged({ databasePath, textPath }: TextIndexTarget): void {
    this.forget(databasePath);
    TextIndexFile.remove(textPath);
  }
}

function openMail(databasePath: string, file: TextIndexFile): Database {
  try {
    return openDatabase(databasePath, { isReadOnly: true });
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

/** @returns undefined if the message is gone: its file goes a moment before or after its row. */
function openSource(
  mail: Database,
  { messageId, sizeBytes, path }: StoredMessage,
): OpenedSource | undefined {
  const octetsOf = (sql: string): Uint8Array | undefined => {
    const value = mail.statement(sql).row(messageId)?.[0];
    return value instanceof Uint8Array ? value : undefined;
  };
  const shape = octetsOf('SELECT json FROM shape WHERE message_id = ?');
  if (path === undefined) {
    const octets = octetsOf('SELECT octets FROM content WHERE message_id = ?');
    if (octets === undefined) return undefined;
    const read = (offset: number, count: number): Uint8Array =>
      octets.subarray(offset, offset + count);
    return { source: { sizeBytes, shape, octets, read }, close: () => undefined };
  }
  const descriptor = openFile(path);
  if (descriptor === undefined) return undefined;
  const read = (offset: number, count: number): Uint8Array => {
    const octets = Buffer.allocUnsafe(Math.max(0, Math.min(count, sizeBytes - offset)));
    return octets.subarray(0, readSync(descriptor, octets, 0, octets.length, offset));
  };
  return {
    source: { sizeBytes, shape, octets: undefined, read },
    close: () => closeSync(descriptor),
  };
}

function openFile(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
