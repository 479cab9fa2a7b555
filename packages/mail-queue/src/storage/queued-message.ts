/** Rows of the queue as values. */
import type { ColumnValue, Database, Row } from '@homeward/durable-store';
import type { EnhancedCode, MailParameters, RecipientParameters } from '@homeward/smtp/grammar';

/** See `schema.ts`. */
export type RecipientState = 'waiting' | 'lined-up' | 'trying' | 'delivered' | 'relayed' | 'failed';

/** What was said at the last attempt. */
export interface LastReply {
  readonly atMs: number;
  readonly code: number;
  readonly enhanced: EnhancedCode;
  readonly text: string;
  readonly remote: string;
}

export interface QueuedMessage {
  readonly id: number;
  readonly reference: string;
  readonly sender: string;
  readonly parameters: MailParameters;
  readonly sizeBytes: number;
  readonly hopCount: number;
  readonly queuedMs: number;
  readonly isHeld: boolean;
  readonly dueMs: number;
  readonly file: string | undefined;
}

export interface QueuedRecipient {
  readonly number: number;
  readonly address: string;
  readonly parameters: RecipientParameters;
  readonly state: RecipientState;
  readonly destination: string | undefined;
  readonly attemptCount: number;
  readonly dueMs: number;
  readonly isDelayTold: boolean;
  readonly lastReply: LastReply | undefined;
}

export const MESSAGE_COLUMNS =
  'id, reference, sender, parameters, size_bytes, hop_count, queued_ms, is_held, due_ms, file';

const RECIPIENT_COLUMNS = `number, address, parameters, state, destination, attempt_count, due_ms,
  is_delay_told, last_ms, code, enhanced, text, remote`;

export function findMessage(database: Database, id: number): QueuedMessage | undefined {
  const sql = `SELECT ${MESSAGE_COLUMNS} FROM message WHERE id = ?`;
  const row = database.statement(sql).row(id);
  return row === undefined ? undefined : readMessageRow(row);
}

/** In the order of the envelope. */
export function listRecipients(database: Database, messageId: number): readonly QueuedRecipient[] {
  const sql = `SELECT ${RECIPIENT_COLUMNS} FROM recipient WHERE message_id = ? ORDER BY number`;
  return database.statement(sql).rows(messageId).map(readRecipientRow);
}

/** @param row With `MESSAGE_COLUMNS`. */
export function readMessageRow(row: Row): QueuedMessage {
  return {
    id: Number(row[0]),
    reference: String(row[1]),
    sender: String(row[2]),
    parameters: unpackParameters<MailParameters>(row[3]),
    sizeBytes: Number(row[4]),
    hopCount: Number(row[5]),
    queuedMs: Number(row[6]),
    isHeld: row[7] === 1,
    dueMs: Number(row[8]),
    file: textOf(row[9]),
  };
}

function readRecipientRow(row: Row): QueuedRecipient {
  return {
    number: Number(row[0]),
    address: String(row[1]),
    parameters: unpackParameters<RecipientParameters>(row[2]),
    state: row[3] as RecipientState,
    destination: textOf(row[4]),
    attemptCount: Number(row[5]),
    dueMs: Number(row[6]),
    isDelayTold: row[7] === 1,
    lastReply: readReply(row),
  };
}

function readReply(row: Row): LastReply | undefined {
  if (row[8] === null) return undefined;
  return {
    atMs: Number(row[8]),
    code: Number(row[9]),
    enhanced: row[10] as EnhancedCode,
    text: String(row[11]),
    remote: String(row[12]),
  };
}

/** What is undefined is left out, and comes back as undefined by being missing. */
export function packParameters(parameters: MailParameters | RecipientParameters): string {
  return JSON.stringify(parameters);
}

function unpackParameters<Parameters>(value: ColumnValue | undefined): Parameters {
  return JSON.parse(String(value)) as Parameters;
}

function textOf(value: ColumnValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
