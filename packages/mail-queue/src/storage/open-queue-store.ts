/**
 * One queue that is open: its rows by name, its counts, and the upkeep of its log. Reads see
 * what is committed; what they find is acted on only after the sync that `WriteGroup` waits for,
 * but for the removal of a message that an operator asked for meanwhile.
 */
import { join } from 'node:path';
import { errorCode } from '@homeward/durable-store';
import type { ReportQueueEvent } from '../events.ts';
import {
  insertMessage,
  type NewMessage,
  type RemovedMessage,
  type Settlement,
  setState,
  settleMessage,
  setHeld,
  settleRecipient,
} from './change-rows.ts';
import type { Checkpoints } from './checkpoints.ts';
import type { ContentPlace } from './message-octets.ts';
import type { OpeningFacts, QueueStorage } from './open-queue.ts';
import {
  findMessage,
  listRecipients,
  type QueuedMessage,
  type QueuedRecipient,
} from './queued-message.ts';
import { type Written, WriteGroup } from './write-group.ts';

/** Of a checkpoint that failed and left everything as it was. */
const HARMLESS_CODES: ReadonlySet<string> = new Set(['SQLITE_FULL', 'SQLITE_5', 'EXIT']);

export interface StoreParts {
  readonly storage: QueueStorage;
  readonly facts: OpeningFacts;
  readonly checkpoints: Checkpoints;
  /** Length of the log at which it is written back. */
  readonly checkpointBytes: number;
  readonly nowMs: () => number;
  readonly onBroken: (code: string) => void;
  readonly report: ReportQueueEvent;
}

/** A message with its recipients. */
export interface LoadedMessage {
  readonly message: QueuedMessage;
  readonly recipients: readonly QueuedRecipient[];
}

/** Where a scan of what is due has come to. */
export interface DuePosition {
  readonly dueMs: number;
  readonly id: number;
}

export type NewMessageFacts = Omit<NewMessage, 'id' | 'nowMs'>;

export class QueueStore {
  readonly storage: QueueStorage;
  readonly writes: WriteGroup;
  readonly #parts: StoreParts;
  #lastId: number;
  #messageCount: number;
  #totalBytes: number;
  #upkeep: Promise<void> | undefined;

  constructor(parts: StoreParts) {
    this.#parts = parts;
    this.storage = parts.storage;
    this.#lastId = parts.facts.lastId;
    this.#messageCount = parts.facts.messageCount;
    this.#totalBytes = parts.facts.totalBytes;
    const { workerIndex } = parts.storage.layout;
    this.writes = new WriteGroup({
      database: parts.storage.database,
      log: parts.storage.log,
      onBroken: parts.onBroken,
      onFull: (code) => parts.report({ name: 'volume-full', workerIndex, code }),
      onSynced: () => this.#keepLogShort(),
    });
  }

  get messageCount(): number {
    return this.#messageCount;
  }

  get totalBytes(): number {
    return this.#totalBytes;
  }

  get heldCount(): number {
    return this.#count('SELECT count(*) FROM message WHERE is_held = 1');
  }

  /** When the oldest message came; undefined if there is none. */
  get oldestMs(): number | undefined {
    const sql = 'SELECT queued_ms FROM message ORDER BY id LIMIT 1';
    const row = this.storage.database.statement(sql).row();
    return row === undefined ? undefined : Number(row[0]);
  }

  load(id: number): LoadedMessage | undefined {
    const { database } = this.storage;
    const message = findMessage(database, id);
    if (message === undefined) return undefined;
    return { message, recipients: listRecipients(database, id) };
  }

  findContent({ id, file, sizeBytes }: QueuedMessage): ContentPlace | undefined {
    if (file !== undefined) return { path: join(this.storage.layout.messages, file), sizeBytes };
    const sql = 'SELECT octets FROM content WHERE message_id = ?';
    const octets = this.storage.database.statement(sql).row(id)?.[0];
    return octets instanceof Uint8Array ? { octets } : undefined;
  }

  /** When something is to be done for a message; undefined if it is held or gone. */
  dueMsOf(id: number): number | undefined {
    const sql = 'SELECT due_ms FROM message WHERE id = ? AND is_held = 0';
    const row = this.storage.database.statement(sql).row(id);
    return row === undefined ? undefined : Number(row[0]);
  }

  /** Numbers from one on, ascending. */
  listIds(after: number, limit: number): readonly number[] {
    const sql = 'SELECT id FROM message WHERE id > ? ORDER BY id LIMIT ?';
    return this.storage.database
      .statement(sql)
      .rows(after, limit)
      .map(([id]) => Number(id));
  }

  /** Messages that are due and not held, from the position on, the most urgent first. */
  listDue(after: DuePosition, untilMs: number, limit: number): readonly DuePosition[] {
    return this.storage.database
      .statement(
        `SELECT due_ms, id FROM message WHERE is_held = 0 AND (due_ms, id) > (?, ?)
          AND due_ms <= ? ORDER BY due_ms, id LIMIT ?`,
      )
      .rows(after.dueMs, after.id, untilMs, limit)
      .map(([dueMs, id]) => ({ dueMs: Number(dueMs), id: Number(id) }));
  }

  /** Messages with recipients that wait for room at a destination, the oldest first. */
  listLinedUp(destination: string, limit: number): readonly number[] {
    return this.storage.database
      .statement(
        `SELECT DISTINCT message_id FROM recipient WHERE state = 'lined-up' AND destination = ?
          ORDER BY message_id LIMIT ?`,
      )
      .rows(destination, limit)
      .map(([id]) => Number(id));
  }

  /** @returns The number of the message. */
  async insert(facts: NewMessageFacts): Promise<Written<number>> {
    const written = await this.writes.write(() => this.insertNow(facts));
    if (written.ok) this.noteInserted(facts.sizeBytes);
    return written;
  }

  /** Inside of a job; `noteInserted` follows when it is durable. */
  insertNow(facts: NewMessageFacts): number {
    const nowMs = this.#parts.nowMs();
    // Numbers are not used again soon, also not after a restart.
    this.#lastId = Math.max(this.#lastId + 1, nowMs);
    insertMessage(this.storage.database, { ...facts, id: this.#lastId, nowMs });
    return this.#lastId;
  }

  noteInserted(sizeBytes: number): void {
    this.#messageCount += 1;
    this.#totalBytes += sizeBytes;
  }

  markTrying(id: number, numbers: readonly number[]): Promise<Written<void>> {
    return this.writes.write(() => setState(this.storage.database, id, numbers, 'trying'));
  }

  /** @param isHeld From now on. @returns Whether the message is gone. */
  async settle(
    id: number,
    settlements: ReadonlyMap<number, Settlement>,
    isHeld = false,
  ): Promise<Written<boolean>> {
    const written = await this.writes.write(() => {
      const { database } = this.storage;
      const nowMs = this.#parts.nowMs();
      for (const [number, one] of settlements) settleRecipient(database, id, number, one, nowMs);
      if (isHeld) setHeld(database, id, true);
      return settleMessage(database, id);
    });
    if (!written.ok) return written;
    if (written.value !== undefined) await this.noteRemoved([written.value]);
    return { ok: true, value: written.value !== undefined };
  }

  /** After the removal is durable. */
  async noteRemoved(removed: readonly RemovedMessage[]): Promise<void> {
    for (const { sizeBytes, file } of removed) {
      this.#messageCount -= 1;
      this.#totalBytes -= sizeBytes;
      if (file !== undefined) await this.#removeFile(file);
    }
  }

  /**
   * No attempt may be under way any more.
   *
   * @param awayPath Remove the queue, which is empty, by way of this path.
   */
  async end(awayPath?: string): Promise<void> {
    if (this.writes.isBroken) await this.writes.whenSettled();
    else await this.#endInOrder();
    await this.#upkeep;
    if (this.writes.isBroken) await this.storage.abandon();
    else await (awayPath === undefined ? this.storage.close() : this.storage.remove(awayPath));
  }

  /** What was not tried after all is not taken for interrupted by the next process. */
  async #endInOrder(): Promise<void> {
    const sql = `UPDATE recipient SET state = 'waiting' WHERE state = 'trying'`;
    await this.writes.write(() => this.storage.database.statement(sql).run());
    await this.writes.stop();
  }

  #count(sql: string): number {
    return Number(this.storage.database.statement(sql).row()?.[0]);
  }

  async #removeFile(name: string): Promise<void> {
    const { files, layout } = this.storage;
    try {
      await files.remove(join(layout.messages, name));
    } catch (error) {
      const { workerIndex } = layout;
      this.#parts.report({ name: 'file-failed', workerIndex, code: errorCode(error) });
    }
  }

  /** First beside the writers, then the rest while they wait: so the log begins anew. */
  #keepLogShort(): void {
    const { checkpointBytes } = this.#parts;
    if (this.#upkeep !== undefined || this.storage.log.lengthBytes < checkpointBytes) return;
    const writeBack = async (): Promise<void> => {
      try {
        await this.#parts.checkpoints.writeBack(this.storage.layout.database);
      } catch (error) {
        // On a full volume, or without a thread, it just stays long.
        if (!HARMLESS_CODES.has(errorCode(error))) this.writes.break(errorCode(error));
      }
    };
    this.#upkeep = writeBack()
      .then(() => this.writes.runAlone(writeBack))
      .finally(() => (this.#upkeep = undefined));
  }
}
