/** What is written to the queue: each function is part of a job of the `WriteGroup`. */
import type { Database, StoredContent } from '@homeward/durable-store';
import type { QueuedEnvelope } from '../ports.ts';
import { packParameters, type LastReply, type RecipientState } from './queued-message.ts';

export interface NewMessage {
  readonly id: number;
  readonly envelope: QueuedEnvelope;
  readonly content: StoredContent;
  readonly sizeBytes: number;
  readonly hopCount: number;
  readonly nowMs: number;
  /** `trying`: an attempt follows at once, which saves marking it. */
  readonly state: 'waiting' | 'trying';
}

/** What becomes of a recipient's row after an attempt, or instead of one. */
export type Settlement =
  /** Done, and nobody is to be told. */
  | { readonly kind: 'forget' }
  /** Done, and its sender is to be told. */
  | {
      readonly kind: 'finish';
      readonly state: 'delivered' | 'relayed' | 'failed';
      readonly reply: LastReply;
    }
  | {
      readonly kind: 'wait';
      readonly dueMs: number;
      readonly destination: string | undefined;
      readonly reply: LastReply;
    }
  /** No attempt was made. */
  | { readonly kind: 'line-up'; readonly dueMs: number; readonly destination: string };

/** A message that has no recipient any more and is gone. */
export interface RemovedMessage {
  readonly sizeBytes: number;
  readonly file: string | undefined;
}

/** Until somebody is told, should that fail at once. */
const TELLING_DELAY_MS = 30_000;

export function insertMessage(database: Database, message: NewMessage): void {
  const { id, envelope, content, sizeBytes, hopCount, nowMs, state } = message;
  database
    .statement('INSERT INTO message VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?, ?)')
    .run(
      id,
      envelope.reference,
      envelope.sender,
      packParameters(envelope.parameters),
      sizeBytes,
      hopCount,
      nowMs,
      nowMs,
      'file' in content ? content.file : null,
    );
  if ('octets' in content) {
    database.statement('INSERT INTO content VALUES (?, ?)').run(id, content.octets);
  }
  const insert = database.statement(
    'INSERT INTO recipient VALUES (?, ?, ?, ?, ?, NULL, 0, ?, 0, NULL, NULL, NULL, NULL, NULL)',
  );
  for (const [number, { address, parameters }] of envelope.recipients.entries()) {
    insert.run(id, number, address, packParameters(parameters), state, nowMs);
  }
}

export function setState(
  database: Database,
  messageId: number,
  numbers: readonly number[],
  state: RecipientState,
): void {
  const update = database.statement(
    'UPDATE recipient SET state = ? WHERE message_id = ? AND number = ?',
  );
  for (const number of numbers) update.run(state, messageId, number);
}

/** @returns Whether there is such a message. */
export function setHeld(database: Database, messageId: number, isHeld: boolean): boolean {
  const sql = 'UPDATE message SET is_held = ? WHERE id = ?';
  return database.statement(sql).run(isHeld ? 1 : 0, messageId) > 0;
}

export function settleRecipient(
  database: Database,
  messageId: number,
  number: number,
  settlement: Settlement,
  nowMs: number,
): void {
  const where = 'WHERE message_id = ? AND number = ?';
  switch (settlement.kind) {
    case 'forget':
      database.statement(`DELETE FROM recipient ${where}`).run(messageId, number);
      return;
    case 'line-up':
      database
        .statement(`UPDATE recipient SET state = 'lined-up', due_ms = ?, destination = ? ${where}`)
        .run(settlement.dueMs, settlement.destination, messageId, number);
      return;
    case 'finish': {
      const dueMs = nowMs + TELLING_DELAY_MS;
      setReply(database, settlement.reply, [settlement.state, dueMs, messageId, number]);
      return;
    }
    case 'wait':
      setReply(database, settlement.reply, ['waiting', settlement.dueMs, messageId, number]);
      database
        .statement(`UPDATE recipient SET destination = ? ${where}`)
        .run(settlement.destination ?? null, messageId, number);
  }
}

function setReply(
  database: Database,
  { atMs, code, enhanced, text, remote }: LastReply,
  [state, dueMs, messageId, number]: readonly [RecipientState, number, number, number],
): void {
  database
    .statement(
      `UPDATE recipient SET last_ms = ?, code = ?, enhanced = ?, text = ?, remote = ?,
        attempt_count = attempt_count + 1, state = ?, due_ms = ?
        WHERE message_id = ? AND number = ?`,
    )
    .run(atMs, code, enhanced, text, remote, state, dueMs, messageId, number);
}

/**
 * Removes a message that has no recipient any more, or notes when the next one is due.
 *
 * @returns The message if it is gone.
 */
export function settleMessage(database: Database, id: number): RemovedMessage | undefined {
  const due = database
    .statement('SELECT min(due_ms) FROM recipient WHERE message_id = ?')
    .row(id)?.[0];
  if (typeof due === 'number') {
    database.statement('UPDATE message SET due_ms = ? WHERE id = ?').run(due, id);
    return undefined;
  }
  return removeMessage(database, id);
}

/** @returns undefined if it is not there. */
export function removeMessage(database: Database, id: number): RemovedMessage | undefined {
  const row = database.statement('SELECT size_bytes, file FROM message WHERE id = ?').row(id);
  if (row === undefined) return undefined;
  database.statement('DELETE FROM message WHERE id = ?').run(id);
  database.statement('DELETE FROM content WHERE message_id = ?').run(id);
  database.statement('DELETE FROM recipient WHERE message_id = ?').run(id);
  return { sizeBytes: Number(row[0]), file: typeof row[1] === 'string' ? row[1] : undefined };
}
